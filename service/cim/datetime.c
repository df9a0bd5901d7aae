/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/datetime.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { US = 1000 * 1000, FRACTION_TEXT = 16, YEAR_MOST = 9999 - 1900 };

/* So many digits of a number, and what comes after them; the end. Each instance has such a time, and printf takes ten
 * times as long. */
static char *put_digits(char *to, int count, int number, const char *after)
{
    for (int i = count; i-- > 0; number /= 10)
        to[i] = (char)('0' + number % 10);
    return stpcpy(to + count, after);
}

/* ".25" for 250000, "" for 0: trailing zeros are cut. */
static const char *format_fraction(int64_t us, char out[FRACTION_TEXT])
{
    char *end;

    out[0] = '\0';
    if (us == 0)
        return out;
    out[0] = '.';
    for (end = put_digits(out + 1, 6, (int)us, ""); end[-1] == '0'; end--) { }
    *end = '\0';
    return out;
}

const char *cim_datetime(int64_t us, struct arena *arena)
{
    int64_t part = us % US < 0 ? us % US + US : us % US;
    time_t seconds = (us - part) / US;
    char text[64], fraction[FRACTION_TEXT], *to = text;
    struct tm tm;

    if (us == 0 || !gmtime_r(&seconds, &tm) || tm.tm_year < -1900 || tm.tm_year > YEAR_MOST)
        return NULL;
    to = put_digits(to, 4, tm.tm_year + 1900, "-");
    to = put_digits(to, 2, tm.tm_mon + 1, "-");
    to = put_digits(to, 2, tm.tm_mday, "T");
    to = put_digits(to, 2, tm.tm_hour, ":");
    to = put_digits(to, 2, tm.tm_min, ":");
    to = put_digits(to, 2, tm.tm_sec, format_fraction(part, fraction));
    stpcpy(to, "Z");
    return arena_strdup(arena, text);
}

const char *cim_interval(int64_t us, struct arena *arena)
{
    int64_t seconds = us > 0 ? us / US : 0;
    char fraction[FRACTION_TEXT];

    return arena_printf(arena, "P%lldDT%dH%dM%d%sS", (long long)(seconds / 86400),
                        (int)(seconds / 3600 % 24), (int)(seconds / 60 % 60), (int)(seconds % 60),
                        format_fraction(us > 0 ? us % US : 0, fraction));
}

/* Reads exactly `count` digits; false when there are fewer. */
static bool read_digits(const char **p, int count, int *out)
{
    *out = 0;
    for (; count > 0; count--, ++*p) {
        if (!isdigit((unsigned char)**p))
            return false;
        *out = *out * 10 + (**p - '0');
    }
    return true;
}

static bool read_char(const char **p, char c)
{
    if (**p != c)
        return false;
    ++*p;
    return true;
}

/* Reads the digits after a decimal point as microseconds; what is finer is dropped. */
static bool read_fraction(const char **p, int *us)
{
    int unit = US / 10;

    *us = 0;
    if (!isdigit((unsigned char)**p))
        return false;
    for (; isdigit((unsigned char)**p); ++*p, unit /= 10)
        *us += (**p - '0') * unit;
    return true;
}

/* Reads "Z" or "+hh:mm" to its end, as minutes east of UTC. Without one it is taken for UTC. */
static bool read_zone(const char **p, int *minutes)
{
    int sign = **p == '-' ? -1 : 1, hour, minute;

    *minutes = 0;
    if (!**p || read_char(p, 'Z'))
        return true;
    if (!read_char(p, '+') && !read_char(p, '-'))
        return false;
    if (!read_digits(p, 2, &hour) || !read_char(p, ':') || !read_digits(p, 2, &minute))
        return false;
    *minutes = sign * (hour * 60 + minute);
    return hour <= 14 && minute <= 59;
}

/* A time of the calendar as microseconds since 1970; -1 for a day or hour that does not exist. */
static int make_time(const struct tm *given, int us, int zone_minutes, int64_t *out)
{
    struct tm tm = *given;
    time_t seconds;

    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    seconds = timegm(&tm);
    /* timegm() carries what is out of range into the next unit, so any difference is an error. */
    if (given->tm_year < 1 || tm.tm_year != given->tm_year - 1900 ||
        tm.tm_mon != given->tm_mon - 1 || tm.tm_mday != given->tm_mday ||
        tm.tm_hour != given->tm_hour || tm.tm_min != given->tm_min || tm.tm_sec != given->tm_sec)
        return -1;
    *out = ((int64_t)seconds - zone_minutes * 60) * US + us;
    return 0;
}

static int parse_xs_datetime(const char *p, int64_t *out)
{
    struct tm tm = { 0 };
    int us = 0, zone;

    if (!read_digits(&p, 4, &tm.tm_year) || !read_char(&p, '-') ||
        !read_digits(&p, 2, &tm.tm_mon) || !read_char(&p, '-') ||
        !read_digits(&p, 2, &tm.tm_mday) || !read_char(&p, 'T') ||
        !read_digits(&p, 2, &tm.tm_hour) || !read_char(&p, ':') ||
        !read_digits(&p, 2, &tm.tm_min) || !read_char(&p, ':') || !read_digits(&p, 2, &tm.tm_sec))
        return -1;
    if (read_char(&p, '.') && !read_fraction(&p, &us))
        return -1;
    if (!read_zone(&p, &zone) || *p)
        return -1;
    if (tm.tm_hour != 24)
        return make_time(&tm, us, zone, out);
    /* 24:00:00 is the end of the day */
    tm.tm_hour = 0;
    if (tm.tm_min || tm.tm_sec || us || make_time(&tm, 0, zone, out) != 0)
        return -1;
    *out += INT64_C(86400) * US;
    return 0;
}

/* DSP0004: yyyymmddHHMMSS.mmmmmmsUUU, s and UUU being the offset in minutes. */
static int parse_cim_datetime(const char *p, int64_t *out)
{
    struct tm tm = { 0 };
    int us, zone, sign;

    if (!read_digits(&p, 4, &tm.tm_year) || !read_digits(&p, 2, &tm.tm_mon) ||
        !read_digits(&p, 2, &tm.tm_mday) || !read_digits(&p, 2, &tm.tm_hour) ||
        !read_digits(&p, 2, &tm.tm_min) || !read_digits(&p, 2, &tm.tm_sec) || !read_char(&p, '.') ||
        !read_digits(&p, 6, &us))
        return -1;
    sign = *p == '-' ? -1 : 1;
    if (!(read_char(&p, '+') || read_char(&p, '-')) || !read_digits(&p, 3, &zone) || *p)
        return -1;
    return make_time(&tm, us, sign * zone, out);
}

int cim_datetime_parse(const char *text, int64_t *us)
{
    return strchr(text, 'T') ? parse_xs_datetime(text, us) : parse_cim_datetime(text, us);
}

/* Reads "12" or, of seconds, "12.5" in units of `unit` microseconds and adds it to *us. */
static bool add_component(const char **p, int64_t unit, int64_t *us)
{
    int64_t value = 0;
    int fraction = 0;

    if (!isdigit((unsigned char)**p))
        return false;
    for (; isdigit((unsigned char)**p); ++*p)
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, **p - '0', &value))
            return false;
    if (unit == US && read_char(p, '.') && !read_fraction(p, &fraction))
        return false;
    return !__builtin_mul_overflow(value, unit, &value) &&
           !__builtin_add_overflow(value, fraction, &value) &&
           !__builtin_add_overflow(*us, value, us);
}

int cim_duration_parse(const char *text, int64_t *us)
{
    static const struct {
        char letter;
        bool after_t;
        int64_t unit;
    } parts[] = {
        { 'Y', false, 365 * 86400LL * US }, /* their length depends on when; near enough to wait for */
        { 'M', false, 30 * 86400LL * US },
        { 'D', false, 86400LL * US },
        { 'H', true, 3600LL * US },
        { 'M', true, 60LL * US },
        { 'S', true, US },
    };
    const char *p = text;
    int64_t sum = 0;
    size_t next = 0;
    bool after_t = false;

    if (!read_char(&p, 'P') || !*p)
        return -1;
    while (*p) {
        size_t i = next;

        if (!after_t && read_char(&p, 'T'))
            after_t = true;
        /* The letter behind the number tells the part; each may come once, in this order. */
        const char *letter = p + strspn(p, "0123456789.");
        while (i < sizeof(parts) / sizeof(parts[0]) &&
               (parts[i].letter != *letter || parts[i].after_t != after_t))
            i++;
        if (i == sizeof(parts) / sizeof(parts[0]) ||
            !add_component(&p, parts[i].unit, &sum) || p++ != letter)
            return -1;
        next = i + 1;
    }
    *us = sum;
    return 0;
}

/* DSP0004: ddddddddHHMMSS.mmmmmm:000. */
static int parse_cim_interval(const char *p, int64_t *out)
{
    int days, hours, minutes, seconds, us, zone;

    if (!read_digits(&p, 8, &days) || !read_digits(&p, 2, &hours) || !read_digits(&p, 2, &minutes) ||
        !read_digits(&p, 2, &seconds) || !read_char(&p, '.') || !read_digits(&p, 6, &us) ||
        !read_char(&p, ':') || !read_digits(&p, 3, &zone) || *p || zone)
        return -1;
    if (hours > 23 || minutes > 59 || seconds > 59)
        return -1;
    *out = (((days * INT64_C(24) + hours) * 60 + minutes) * 60 + seconds) * US + us;
    return 0;
}

int cim_interval_parse(const char *text, int64_t *us)
{
    return *text == 'P' ? cim_duration_parse(text, us) : parse_cim_interval(text, us);
}
