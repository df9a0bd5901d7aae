/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "auth/users.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

struct secret {
    char text[USERS_PASSWORD_MAX + 2]; /* one more, so that too long shows */
};

static int usage(void)
{
    fputs("usage: cimsnapd passwd [--role viewer|operator|administrator] [--scope PATTERNS]\n"
          "                       [--ntlm | --no-ntlm] [--delete] NAME\n"
          "The password is read from standard input.\n",
          stderr);
    return EXIT_USAGE;
}

static int complain(const char *text)
{
    fprintf(stderr, "cimsnapd: %s\n", text);
    return -1;
}

/* One line of standard input, octet by octet: a stdio buffer would keep a copy. */
static int read_secret(struct secret *out)
{
    size_t len = 0;
    char c = 0;

    while (len < sizeof(out->text) - 1 && read(STDIN_FILENO, &c, 1) == 1 && c != '\n')
        out->text[len++] = c;
    out->text[len] = '\0';
    if (strlen(out->text) != len || !users_password_valid(out->text))
        return complain("the password must be 1 to 255 octets of UTF-8 text without control "
                        "characters");
    return 0;
}

static int ask(const char *prompt, struct secret *out)
{
    struct termios before, quiet;
    int result;

    fputs(prompt, stderr);
    if (tcgetattr(STDIN_FILENO, &before) < 0)
        return complain("the terminal cannot be set up");
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) < 0)
        return complain("the terminal cannot be set up");
    result = read_secret(out);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return result;
}

static int get_password(struct secret *out)
{
    struct secret again;
    int result;

    if (!isatty(STDIN_FILENO))
        return read_secret(out);
    if (ask("New password: ", out) < 0)
        return -1;
    result = ask("Again: ", &again);
    if (result == 0 && strcmp(out->text, again.text) != 0)
        result = complain("the two passwords differ");
    explicit_bzero(&again, sizeof(again));
    return result;
}

static int parse(int argc, char **argv, struct users_change *change)
{
    static const struct option options[] = {
        { "role", required_argument, NULL, 'r' }, { "scope", required_argument, NULL, 's' },
        { "ntlm", no_argument, NULL, 'n' },       { "no-ntlm", no_argument, NULL, 'N' },
        { "delete", no_argument, NULL, 'd' },     { NULL, 0, NULL, 0 },
    };
    int option;

    optind = 0; /* main may have used getopt before */
    while ((option = getopt_long(argc, argv, "", options, NULL)) >= 0) {
        if (option == 'd')
            change->remove = true;
        else if (option == 'n' || option == 'N')
            change->ntlm = option == 'n' ? USERS_NTLM_YES : USERS_NTLM_NO;
        else if (option == 's')
            change->scope = optarg;
        else if (option != 'r' || (change->role = role_parse(optarg)) == ROLE_NONE)
            return -1;
    }
    if (optind != argc - 1)
        return -1;
    change->name = argv[optind];
    return 0;
}

int users_command(int argc, char **argv, const char *users_file)
{
    struct users_change change = { .role = ROLE_NONE };
    struct error err = { 0 };
    struct secret password = { "" };
    int result = EXIT_FAILED;

    if (parse(argc, argv, &change) < 0)
        return usage();
    if (!change.remove)
        change.password = password.text;
    if (change.remove || get_password(&password) == 0)
        result = users_edit(users_file, &change, &err) == 0 ? EXIT_DONE : EXIT_FAILED;
    if (err.code)
        complain(err.message);
    if (result == EXIT_DONE)
        fputs("A running service takes it up on SIGHUP: systemctl reload cimsnapd\n", stderr);
    explicit_bzero(&password, sizeof(password));
    return result;
}
