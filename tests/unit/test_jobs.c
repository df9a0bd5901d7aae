/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fake_jobs.h"

#include <poll.h>

static void test_order(void)
{
    struct piece a = { .name = "a" }, b = { .name = "b", .open = 1 },
                 c = { .name = "c", .open = 1 };
    struct piece x = { .name = "x", .open = 1 };
    struct guid last, other;

    stage_start((char *)":memory:", 4, 100);
    submit(0, &a);
    submit(0, &b);
    last = submit(0, &c);
    CU_ASSERT_TRUE(fake_await(&a.turns, 1));
    other = submit(1, &x);
    /* The other machine's job ends while the first machine's first one is still at work... */
    CU_ASSERT_EQUAL(jobs_wait(jobs, &other, LONG_MS), JOB_COMPLETED);
    /* ...and those behind it have not begun, though threads are free. */
    pthread_mutex_lock(&fake.lock);
    CU_ASSERT_STRING_EQUAL(fake.names, "ax");
    pthread_mutex_unlock(&fake.lock);
    piece_open(&a);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &last, LONG_MS), JOB_COMPLETED);
    CU_ASSERT_STRING_EQUAL(fake.names, "axbc");
    stage_close();
    CU_ASSERT_EQUAL(a.released + b.released + c.released + x.released, 4);
}

static void test_fair(void)
{
    struct piece a = { .name = "a" }, b = { .name = "b", .open = 1 },
                 x = { .name = "x", .open = 1 };
    struct guid last;

    stage_start((char *)":memory:", 1, 100);
    submit(0, &a);
    CU_ASSERT_TRUE(fake_await(&a.turns, 1));
    last = submit(0, &b);
    submit(1, &x);
    piece_open(&a);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &last, LONG_MS), JOB_COMPLETED);
    stage_close();
    /* One thread: the second machine comes before the first one's second job. */
    CU_ASSERT_STRING_EQUAL(fake.names, "axb");
}

static void test_wait(void)
{
    struct piece a = { .name = "a" };
    struct guid id, none = guid_random();

    stage_start((char *)":memory:", 2, 100);
    id = submit(0, &a);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &id, 0), JOB_RUNNING);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &id, 20), JOB_RUNNING);
    piece_open(&a);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &id, LONG_MS), JOB_COMPLETED);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &id, 0), JOB_COMPLETED);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &none, 0), JOB_EXCEPTION);
    stage_close();
}

static void test_again(void)
{
    struct piece a = { .name = "a", .open = 1, .again = 2 }, b = { .name = "b", .open = 1 };
    struct guid first, second;

    stage_start((char *)":memory:", 2, 100);
    first = submit(0, &a);
    second = submit(0, &b);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &second, LONG_MS), JOB_COMPLETED);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &first, 0), JOB_COMPLETED);
    stage_close();
    CU_ASSERT_STRING_EQUAL(fake.names, "aaab");
}

static void test_prune(void)
{
    const char *path = fake_store_path();
    struct piece pieces[30], slow = { .name = "s" };
    struct guid ids[30], running;
    struct job_list list;
    struct job job;

    stage_start((char *)path, 2, 10);
    running = submit(1, &slow);
    for (size_t i = 0; i < 30; i++) {
        pieces[i] = (struct piece){ .name = "p", .open = 1 };
        ids[i] = submit(0, &pieces[i]);
        CU_ASSERT_EQUAL(jobs_wait(jobs, &ids[i], LONG_MS), JOB_COMPLETED);
    }
    /* The last one has left its queue for certain when the next has had its turn. */
    pieces[0] = (struct piece){ .name = "q", .open = 1 };
    ids[0] = submit(0, &pieces[0]);
    CU_ASSERT_TRUE(fake_await(&pieces[0].turns, 1));
    CU_ASSERT_EQUAL(jobs_list(jobs, NULL, &list, NULL), 0);
    CU_ASSERT_TRUE(list.count >= 11 && list.count <= 12);
    job_list_clear(&list);
    CU_ASSERT_EQUAL(jobs_get(jobs, &ids[19], &job, NULL), -1);
    job = get(&ids[29]);
    job_clear(&job);
    job = get(&running);
    job_clear(&job);
    piece_open(&slow);
    stage_close();
    job = stored(path, &ids[5]);
    CU_ASSERT_PTR_NULL(job.owner); /* gone there too */
    job_clear(&job);
    job = stored(path, &running);
    CU_ASSERT_EQUAL(job.state, JOB_COMPLETED);
    job_clear(&job);
}

static void test_list(void)
{
    struct piece a = { .name = "a", .open = 1 };
    struct job job = new_job(0, "berta");
    struct job_list list;

    stage_start((char *)":memory:", 1, 100);
    CU_ASSERT_EQUAL(jobs_submit(jobs, &job, &piece_work, &a, NULL), 0);
    CU_ASSERT_PTR_NULL(job.owner);
    CU_ASSERT_EQUAL(jobs_list(jobs, "anna", &list, NULL), 0);
    CU_ASSERT_EQUAL(list.count, 0);
    CU_ASSERT_EQUAL(jobs_list(jobs, "berta", &list, NULL), 0);
    CU_ASSERT_EQUAL(list.count, 1);
    job_list_clear(&list);
    CU_ASSERT_EQUAL(jobs_list(jobs, NULL, &list, NULL), 0);
    CU_ASSERT_EQUAL(list.count, 1);
    job_list_clear(&list);
    stage_close();
}

static void test_unstored_is_refused(void)
{
    struct piece a = { .name = "a", .open = 1 };
    struct job job = new_job(0, "anna");
    struct guid id = job.id;
    struct error err = { 0 };

    stage_start(fake_store_path(), 1, 100);
    fake_disk_full(true);
    CU_ASSERT_EQUAL(jobs_submit(jobs, &job, &piece_work, &a, &err), -1);
    fake_disk_full(false);
    CU_ASSERT_NOT_EQUAL(err.code, ERR_NONE);
    CU_ASSERT_PTR_NOT_NULL(job.owner);
    job_clear(&job);
    CU_ASSERT_EQUAL(jobs_get(jobs, &id, &job, NULL), -1);
    stage_close();
    CU_ASSERT_EQUAL(a.turns, 0);
    CU_ASSERT_EQUAL(a.released, 0);
}

static void *close_thread(void *unused)
{
    jobs_close(jobs);
    return unused;
}

static void test_close(void)
{
    char *path = fake_store_path();
    struct piece a = { .name = "a" }, b = { .name = "b", .open = 1 };
    struct piece old = { .name = "o", .open = 1, .again = 1000 };
    struct job job = new_job(3, "anna");
    struct guid first, second, third = job.id;
    pthread_t closer;

    stage_open(path, 2, 100);
    store_job_put(store, &job, NULL);
    CU_ASSERT_EQUAL_FATAL(jobs_load(jobs, &job, &old_work, &old, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(jobs_start(jobs, NULL), 0);
    first = submit(0, &a);
    second = submit(0, &b);
    CU_ASSERT_TRUE(fake_await(&a.turns, 1));
    pthread_create(&closer, NULL, close_thread, NULL);
    piece_open(&a);
    pthread_join(closer, NULL);
    store_close(store);
    job = stored(path, &first);
    CU_ASSERT_EQUAL(job.state, JOB_COMPLETED);
    job_clear(&job);
    job = stored(path, &third);
    CU_ASSERT_EQUAL(job.state, JOB_RUNNING);
    job_clear(&job);
    /* The second had its turn before the close was noticed, or never: both are told as they are. */
    job = stored(path, &second);
    CU_ASSERT_EQUAL(job.state, b.turns ? JOB_COMPLETED : JOB_EXCEPTION);
    if (!b.turns)
        CU_ASSERT_STRING_EQUAL(job.error_text, "dropped");
    job_clear(&job);
}

static void test_quota(void)
{
    static struct piece pieces[1001];
    struct job job = new_job(0, "anna");
    struct error err = { 0 };

    stage_start((char *)":memory:", 1, 10);
    for (size_t i = 0; i < 1000; i++) {
        pieces[i] = (struct piece){ .name = "", .open = i > 0 };
        submit(0, &pieces[i]);
    }
    CU_ASSERT_EQUAL(jobs_submit(jobs, &job, &piece_work, &pieces[1000], &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_QUOTA);
    piece_open(&pieces[0]);
    CU_ASSERT_TRUE(fake_await(&pieces[1].ended, 1));
    CU_ASSERT_EQUAL(jobs_submit(jobs, &job, &piece_work, &pieces[1000], NULL), 0);
    job_clear(&job);
    stage_close();
}

/* A kind that wants the machine alone is refused beside any other job, and lets others queue behind it. */
static void test_alone(void)
{
    struct piece first = { .name = "first", .open = 0 }, alone = { .name = "alone", .open = 0 };
    struct piece again = { .name = "again", .open = 0 }, last = { .name = "last", .open = 1 };
    struct job job = new_job(0, "anna");
    struct error err = { 0 };
    struct guid id;

    stage_start((char *)":memory:", 2, 100);
    id = submit(0, &first);
    job.kind = JOB_SNAPSHOT_APPLY;
    CU_ASSERT_EQUAL(jobs_submit(jobs, &job, &piece_work, &alone, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_IN_USE);
    job.vm = fake_vm_id(1); /* another machine is another matter */
    CU_ASSERT_EQUAL(jobs_submit(jobs, &job, &piece_work, &alone, NULL), 0);
    piece_open(&alone);
    piece_open(&first);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &id, LONG_MS), JOB_COMPLETED);
    CU_ASSERT_TRUE(fake_await(&alone.ended, 1));

    job = new_job(0, "anna");
    job.kind = JOB_SNAPSHOT_DESTROY;
    CU_ASSERT_EQUAL(jobs_submit(jobs, &job, &piece_work, &again, NULL), 0);
    id = submit(0, &last);
    CU_ASSERT_EQUAL(last.turns, 0);
    piece_open(&again);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &id, LONG_MS), JOB_COMPLETED);
    stage_close();
}

/* A finished job that ended so many milliseconds ago. */
static struct guid load_ended(long ms, bool remove)
{
    struct job job = new_job(0, "anna");
    struct guid id = job.id;

    job.state = JOB_COMPLETED;
    job.ended_us = clock_now_us() - ms * 1000;
    job.stay = (struct job_stay){ remove, 300 * 1000000LL };
    CU_ASSERT_EQUAL_FATAL(store_job_put(store, &job, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(store_stay_put(store, &id, &job.stay, NULL), 0);
    CU_ASSERT_EQUAL_FATAL(jobs_load(jobs, &job, NULL, NULL, NULL), 0);
    return id;
}

static bool known(const struct guid *id)
{
    struct job job;
    bool found = jobs_get(jobs, id, &job, NULL) == 0;

    job_clear(&job);
    return found;
}

/* Nobody tells of it: it is looked for. */
static bool gone(const struct guid *id)
{
    int64_t until = clock_mono_ms() + LONG_MS;

    while (known(id) && clock_mono_ms() < until)
        poll(NULL, 0, 5);
    return !known(id);
}

static void test_stay(void)
{
    const struct job_stay second = { true, 1000000 }, first = { false, 1000000 };
    struct piece piece = { .name = "piece" };
    char *path = fake_store_path();
    struct guid over, soon, kept, running;
    struct job job;

    stage_open(path, 1, 1000);
    over = load_ended(400 * 1000, true);
    soon = load_ended(300 * 1000 - 200, true);
    kept = load_ended(400 * 1000, false);
    CU_ASSERT_EQUAL_FATAL(jobs_start(jobs, NULL), 0);
    CU_ASSERT_TRUE(gone(&over));
    CU_ASSERT_TRUE(gone(&soon));
    CU_ASSERT_TRUE(known(&kept));
    /* said while it runs; its time begins with its end */
    running = submit(0, &piece);
    CU_ASSERT_EQUAL(jobs_stay(jobs, &running, &second, NULL), 0);
    job = get(&running);
    CU_ASSERT_TRUE(job.stay.remove && job.stay.us == 1000000);
    job_clear(&job);
    piece_open(&piece);
    CU_ASSERT_EQUAL(jobs_wait(jobs, &running, LONG_MS), JOB_COMPLETED);
    CU_ASSERT_TRUE(known(&running));
    CU_ASSERT_TRUE(gone(&running));
    /* said when it has ended long since */
    CU_ASSERT_EQUAL(jobs_stay(jobs, &kept, &first, NULL), 0);
    CU_ASSERT_TRUE(known(&kept));
    CU_ASSERT_EQUAL(jobs_stay(jobs, &kept, &second, NULL), 0);
    CU_ASSERT_TRUE(gone(&kept));
    stage_close();
    job = stored(path, &kept);
    CU_ASSERT_PTR_NULL(job.owner);
    job_clear(&job);
}

/* What was said outlives the process; what is no time is refused. */
static void test_stay_stored(void)
{
    static const int64_t bad[] = { -1, 0, 999999, INT64_MAX };
    const struct job_stay day = { true, 86400 * 1000000LL };
    char *path = fake_store_path();
    struct guid id, nobody = guid_random();
    struct error err = { 0 };
    struct job job;

    stage_start(path, 1, 1000);
    id = load_ended(0, false);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct job_stay stay = { true, bad[i] };
        CU_ASSERT_EQUAL(jobs_stay(jobs, &id, &stay, NULL), -1);
    }
    CU_ASSERT_EQUAL(jobs_stay(jobs, &id, &day, NULL), 0);
    CU_ASSERT_EQUAL(jobs_stay(jobs, &nobody, &day, &err), -1);
    CU_ASSERT_EQUAL(err.code, ERR_NOT_FOUND);
    stage_close();
    job = stored(path, &id);
    CU_ASSERT_TRUE(job.stay.remove && job.stay.us == day.us);
    job_clear(&job);
}

static void test_many(void)
{
    enum { MANY = 100000 };
    static struct guid ids[MANY];
    struct job_list list;
    struct job job;

    stage_open((char *)":memory:", 1, MANY);
    for (size_t i = 0; i < MANY; i++) {
        job = new_job(0, "anna");
        job.state = JOB_COMPLETED;
        ids[i] = job.id;
        CU_ASSERT_EQUAL_FATAL(jobs_load(jobs, &job, NULL, NULL, NULL), 0);
    }
    for (size_t i = 0; i < MANY; i++) {
        if (jobs_wait(jobs, &ids[i], 0) != JOB_COMPLETED)
            CU_FAIL("a job is missing");
    }
    CU_ASSERT_EQUAL(jobs_list(jobs, NULL, &list, NULL), 0);
    CU_ASSERT_EQUAL(list.count, MANY);
    job_list_clear(&list);
    stage_close();
}

UNIT_MAIN({ "a job alone with its machine", test_alone },
          { "order on one machine, parallel on two", test_order },
          { "machines take turns", test_fair },
          { "waiting, with and without a deadline", test_wait },
          { "another turn, and those behind wait", test_again },
          { "the oldest finished jobs go", test_prune }, { "lists by owner", test_list },
          { "what cannot be stored is refused", test_unstored_is_refused },
          { "closing waits for the running job", test_close },
          { "a bound on open jobs", test_quota }, { "jobs that go after their time", test_stay },
          { "that time is stored", test_stay_stored }, { "a hundred thousand jobs", test_many })
