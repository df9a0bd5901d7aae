/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/datetime.h"
#include "unit.h"

#include <stdio.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define SECOND       1000000LL

static const struct {
    int64_t us;
    const char *text;
} times[] = {
    { 1362797852 * SECOND, "2013-03-09T02:57:32Z" },
    { 1362797852 * SECOND + 250000, "2013-03-09T02:57:32.25Z" },
    { 1362797852 * SECOND + 1, "2013-03-09T02:57:32.000001Z" },
    { 1, "1970-01-01T00:00:00.000001Z" },
    { -1, "1969-12-31T23:59:59.999999Z" },
    { 1582934400 * SECOND, "2020-02-29T00:00:00Z" },
};

static void times_out_and_in(void)
{
    struct arena arena = ARENA_INIT;

    for (size_t i = 0; i < COUNT(times); i++) {
        int64_t us = 0;

        CU_ASSERT_STRING_EQUAL(cim_datetime(times[i].us, &arena), times[i].text);
        CU_ASSERT_EQUAL(cim_datetime_parse(times[i].text, &us), 0);
        CU_ASSERT_EQUAL(us, times[i].us);
    }
    CU_ASSERT_PTR_NULL(cim_datetime(0, &arena));
    arena_free(&arena);
}

static void other_forms(void)
{
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        { "2013-03-09T03:57:32+01:00", 1362797852 * SECOND },
        { "2013-03-08T18:57:32.5-08:00", 1362797852 * SECOND + 500000 },
        { "2013-03-09T02:57:32.1234567Z", 1362797852 * SECOND + 123456 },
        { "20130309025732.000000+000", 1362797852 * SECOND },
        { "20130309035732.123456+060", 1362797852 * SECOND + 123456 },
        { "20130308215732.000000-300", 1362797852 * SECOND },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t us = 0;

        CU_ASSERT_EQUAL(cim_datetime_parse(cases[i].text, &us), 0);
        CU_ASSERT_EQUAL(us, cases[i].us);
    }
}

static void bad_times(void)
{
    static const char *const bad[] = {
        "",
        "T",
        "2013-03-09",
        "2013-03-09T02:57:32z",
        "2013-03-09T02:57Z",
        "2013-02-29T00:00:00Z",
        "2013-13-01T00:00:00Z",
        "2013-00-01T00:00:00Z",
        "2013-01-01T24:00:01Z",
        "2013-01-01T24:00:00.1Z",
        "2013-01-01T25:00:00Z",
        "2013-01-01T00:00:60Z",
        "2013-01-01T00:00:00.Z",
        "2013-01-01T00:00:00Zx",
        "2013-01-01T00:00:00+1:00",
        "2013-01-01T00:00:00+15:00",
        "0000-01-01T00:00:00Z",
        "20130309025732.000000",
        "20130309025732.000000+00",
        "20130309025732.000000+0000",
        "2013030902573*.******+000",
        "00000001000000.000000:000",
    };
    int64_t us;

    for (size_t i = 0; i < COUNT(bad); i++)
        CU_ASSERT_EQUAL(cim_datetime_parse(bad[i], &us), -1);
}

/* A time of XML Schema may do without its zone. */
static bool is_whole(const char *text, size_t len)
{
    return len >= 19 && text[10] == 'T' && text[19 + strspn(text + 19, ".0123456789")] == '\0' && text[len - 1] != '.';
}

/* Cut short or spoilt at any place it is none. */
static void spoilt_times(void)
{
    static const char *const good[] = { "2013-03-09T02:57:32.25Z", "2013-03-08T18:57:32-08:00",
                                        "20130309035732.123456+060", "00000001020304.500000:000" };
    char text[32];
    int64_t us;

    for (size_t i = 0; i < COUNT(good); i++) {
        const size_t len = strlen(good[i]);
        int (*parse)(const char *, int64_t *) = strchr(good[i], '.') && good[i][len - 4] == ':' ? cim_interval_parse
                                                                                                 : cim_datetime_parse;
        CU_ASSERT_EQUAL(parse(good[i], &us), 0);
        for (size_t at = 0; at < len; at++) {
            snprintf(text, sizeof(text), "%s", good[i]);
            text[at] = 'x';
            CU_ASSERT_EQUAL(parse(text, &us), -1);
            text[at] = '\0';
            CU_ASSERT_EQUAL(parse(text, &us), is_whole(text, at) ? 0 : -1);
        }
    }
}

static void cim_intervals(void)
{
    static const char *const bad[] = { "", "00000000240000.000000:000", "00000000006000.000000:000",
                                       "00000000000060.000000:000", "00000000000000.000000:001",
                                       "00000000000000.000000:0000", "00000000000000.000000+000" };
    int64_t us;

    CU_ASSERT_EQUAL(cim_interval_parse("00000001020304.500000:000", &us), 0);
    CU_ASSERT_EQUAL(us, 93784 * SECOND + 500000);
    for (size_t i = 0; i < COUNT(bad); i++)
        CU_ASSERT_EQUAL(cim_interval_parse(bad[i], &us), -1);
}

static void intervals(void)
{
    struct arena arena = ARENA_INIT;

    CU_ASSERT_STRING_EQUAL(cim_interval(7250000, &arena), "P0DT0H0M7.25S");
    CU_ASSERT_STRING_EQUAL(cim_interval(0, &arena), "P0DT0H0M0S");
    CU_ASSERT_STRING_EQUAL(cim_interval(93784 * SECOND, &arena), "P1DT2H3M4S");
    CU_ASSERT_STRING_EQUAL(cim_interval(-5, &arena), "P0DT0H0M0S");
    arena_free(&arena);
}

static void durations(void)
{
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        { "P1DT2H3M4.5S", 93784 * SECOND + 500000 },
        { "P0DT0H0M7.25S", 7250000 },
        { "PT60.000S", 60 * SECOND },
        { "PT1M", 60 * SECOND },
        { "P2D", 172800 * SECOND },
        { "PT0S", 0 },
        { "P0Y0M0DT0H1M0.000S", 60 * SECOND },
        { "P1Y", 365 * 86400 * SECOND },
        { "P1MT1M", 30 * 86400 * SECOND + 60 * SECOND },
    };
    static const char *const bad[] = {
        "",
        "P",
        "PT",
        "P1DT",
        "1S",
        "-PT1S",
        "PT-1S",
        "P1D1Y",
        "P1D1M",
        "PT1Y",
        "P1H",
        "PT1D",
        "PT1",
        "PT.S",
        "PT1.5H",
        "PT1.S",
        "PTS",
        "P1DD",
        "PT1S2S",
        "PT1SH",
        "PT1M1H",
        "PTT1S",
        "PT1Sx",
        "PT9223372036854775807S",
        "P99999999999999999999D",
    };
    int64_t us;

    for (size_t i = 0; i < COUNT(cases); i++) {
        us = -1;
        CU_ASSERT_EQUAL(cim_duration_parse(cases[i].text, &us), 0);
        CU_ASSERT_EQUAL(us, cases[i].us);
    }
    for (size_t i = 0; i < COUNT(bad); i++)
        CU_ASSERT_EQUAL(cim_duration_parse(bad[i], &us), -1);
}

UNIT_MAIN({ "times are written and read back", times_out_and_in },
          { "offsets, long fractions and the form of CIM", other_forms },
          { "what is no time is refused", bad_times }, { "whatever is spoilt", spoilt_times },
          { "intervals in the form of CIM", cim_intervals }, { "intervals are written", intervals },
          { "durations are read, bad ones refused", durations })
