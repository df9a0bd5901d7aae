/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/config.h"

#include "temp.h"
#include "unit.h"

#include <stdlib.h>
#include <string.h>

/* Reads text as a file; 0 or -1, with err and, when it worked, config. */
static int read_text(struct config *config, const char *text, size_t len, struct error *err)
{
    struct temp temp;
    int result = -1;

    memset(err, 0, sizeof(*err));
    temp_open(&temp);
    temp_write(&temp, text, len);
    if (config_init(config, err) == 0)
        result = config_read(config, temp.path, err);
    if (result < 0)
        config_free(config);
    temp_close(&temp);
    return result;
}

static void test_defaults(void)
{
    struct config config;

    CU_ASSERT_EQUAL_FATAL(config_init(&config, NULL), 0);
    CU_ASSERT_EQUAL(config.listen_port, 5986);
    CU_ASSERT_STRING_EQUAL(config.listen_address, "127.0.0.1");
    config_free(&config);
}

static void test_values(void)
{
    static const char text[] =
        "# comment\n[listen]\nport = 0\n address=::1 ; comment\n\n"
        "[auth]\r\nusers_file: /a b\r\n[limits]\nbody_bytes = 8192\n[listen]\n"
        "[snapshot]\napply_running = turn-off\n";
    struct config config;
    struct error err;

    CU_ASSERT_EQUAL_FATAL(read_text(&config, text, sizeof(text) - 1, &err), 0);
    CU_ASSERT_EQUAL(config.listen_port, 0);
    CU_ASSERT_STRING_EQUAL(config.auth_users_file, "/a b");
    CU_ASSERT_EQUAL(config.limits_body_bytes, 8192);
    CU_ASSERT_EQUAL(config.snapshot_apply_running, 1);
    CU_ASSERT_EQUAL(config.server_loops, 2);
    config_free(&config);
}

static void test_errors(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        { "[listen]\nport = 5986\nport = 5986\n", ":3: 'port' is set twice" },
        { "[listen]\n\nprot = 1\n", ":3: there is no key 'prot' in [listen]" },
        { "port = 1\n", ":1: there is no key 'port' in []" },
        { "[Listen]\nport = 1\n", ":2: there is no key 'port' in [Listen]" },
        { "[listen]\nport = x\n", ":2: 'port' is not a number: 'x'" },
        { "[listen]\nport =\n", ":2: 'port' is not a number: ''" },
        { "[listen]\nport = 1x\n", ":2: 'port' is not a number: '1x'" },
        { "[listen]\nport = +1\n", ":2: 'port' is not a number: '+1'" },
        { "[listen]\nport = -1\n", ":2: 'port' is not a number: '-1'" },
        { "[listen]\nport = 0x1\n", ":2: 'port' is not a number: '0x1'" },
        { "[listen]\nport = 99999999999999999999\n", ":2: 'port' is not a number:" },
        { "[listen]\nport = 65536\n", ":2: 'port' must be between 0 and 65535, not 65536" },
        { "[jobs]\nkeep = 9\n", ":2: 'keep' must be between 10 and 1000000, not 9" },
        { "[snapshot]\napply_running = always\n", ":2: 'apply_running' is none of refuse|turn-off: 'always'" },
        { "[snapshot]\napply_running =\n", ":2: 'apply_running' is none of" },
        { "[snapshot]\napply_running = refuse|\n", ":2: 'apply_running' is none of" },
        { "[listen]\nport\n", ":2: neither '[section]' nor 'key = value'" },
        { "[listen\n", ":1: neither '[section]' nor 'key = value'" },
    };
    struct config config;
    struct error err;

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        CU_ASSERT_EQUAL(read_text(&config, cases[i].text, strlen(cases[i].text), &err), -1);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.message, cases[i].message));
        if (!strstr(err.message, cases[i].message))
            printf("%s: %s\n", cases[i].message, err.message);
    }
    CU_ASSERT_EQUAL_FATAL(config_init(&config, NULL), 0);
    memset(&err, 0, sizeof(err));
    CU_ASSERT_EQUAL(config_read(&config, "no-such-file", &err), -1);
    CU_ASSERT_STRING_EQUAL(err.message, "no-such-file: No such file or directory");
    memset(&err, 0, sizeof(err));
    CU_ASSERT_EQUAL(config_read(&config, ".", &err), -1);
    config_free(&config);
}

static void test_long_line(void)
{
    char text[1000];
    struct config config;
    struct error err;

    memset(text, 'a', sizeof(text));
    memcpy(text, "[store]\npath = /", 16);
    CU_ASSERT_EQUAL(read_text(&config, text, sizeof(text), &err), -1);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.message, ":2: the line is too long"));
}

/* The sample is what the defaults are: all in comments, and with the comment signs taken off. */
static void test_sample(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct config config;
    struct error err;

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    config_print_sample(out);
    fclose(out);
    CU_ASSERT_EQUAL_FATAL(read_text(&config, text, len, &err), 0);
    config_free(&config);
    for (char *c = text; c + 1 < text + len; c++)
        if (c[0] == '\n' && c[1] == '#' && c[2] != ' ')
            c[1] = '\n';
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "\nport = 5986\n"));
    CU_ASSERT_EQUAL_FATAL(read_text(&config, text, len, &err), 0);
    CU_ASSERT_EQUAL(config.listen_port, 5986);
    config_free(&config);
    free(text);
}

static void test_man(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    config_print_man(out);
    fclose(out);
    CU_ASSERT_PTR_NOT_NULL(strstr(text, ".SS [listen]\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, ".BR port \" = \\fI5986\\fR\"\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(text, "From 0 to 65535."));
    free(text);
}

UNIT_MAIN({ "defaults", test_defaults }, { "values", test_values },
          { "errors name file and line", test_errors }, { "a line too long", test_long_line },
          { "the sample file", test_sample }, { "the man page", test_man })
