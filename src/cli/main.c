#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/commands.h"
#include "role/env_posix.h"

static const struct cmd *const tables[] = {
#define COMMANDS(name) cmd_##name,
#include "cli/commands.def"
};
enum { TABLES = sizeof tables / sizeof tables[0] };

static void
print_usage(FILE *to, const char *noun)
{
    (void)fprintf(to, "usage: detente [--dir DIR] <command> [options] [arguments]\n\n");
    for (size_t t = 0; t < TABLES; t++) {
        for (const struct cmd *c = tables[t]; c->noun != NULL; c++) {
            char name[64];

            if (noun != NULL && strcmp(noun, c->noun) != 0)
                continue;
            (void)snprintf(name, sizeof name, "%s%s%s", c->noun, c->verb ? " " : "",
                           c->verb ? c->verb : "");
            (void)fprintf(to, "  %-28s %s\n", name, c->summary);
        }
    }
    (void)fprintf(to, "\nMore: `detente <command> --help`, detente(1).\n");
}

static void
print_help(const struct cmd *c)
{
    printf("usage: detente %s%s%s%s%s [options]\n%s\n", c->noun, c->verb ? " " : "",
           c->verb ? c->verb : "", c->args[0] ? " " : "", c->args, c->summary);
    for (const struct cmd_option *o = c->options; o != NULL && o->name != NULL; o++) {
        char name[64];

        if (o->letter != 0)
            (void)snprintf(name, sizeof name, "-%c, --%s%s%s", o->letter, o->name,
                           o->value ? " " : "", o->value ? o->value : "");
        else
            (void)snprintf(name, sizeof name, "--%s%s%s", o->name, o->value ? " " : "",
                           o->value ? o->value : "");
        printf("  %-24s %s\n", name, o->help);
    }
}

/* Words of argv that name the verb (`annex new` is one): 0 none. */
static int
match_verb(const struct cmd *c, int argc, char **argv)
{
    struct slice rest = slice_of(c->verb);
    int words = 0;

    for (; rest.len > 0; words++) {
        struct slice word = slice_part(&rest, ' ');

        if (words >= argc || !slice_is(word, argv[words]))
            return 0;
    }
    return words;
}

/* `help NOUN [VERB]`, `NOUN --help` of a noun that has only verbs: each verb in full. */
static int
help(int argc, char **argv)
{
    bool any = false;

    for (size_t t = 0; argc > 0 && t < TABLES; t++) {
        for (const struct cmd *c = tables[t]; c->noun != NULL; c++) {
            if (strcmp(c->noun, argv[0]) != 0 ||
                (argc > 1 && match_verb(c, argc - 1, argv + 1) == 0))
                continue;
            if (any)
                putchar('\n');
            print_help(c);
            any = true;
        }
    }
    if (argc == 0)
        print_usage(stdout, NULL);
    else if (!any)
        return cli_fail(ERR_USAGE, "unknown command `%s%s%s` (`detente help` lists them)",
                        argv[0], argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
    return 0;
}

static bool
is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

/* The row for argv; *ret_words says how many words named it. */
static const struct cmd *
find_command(int argc, char **argv, int *ret_words)
{
    for (size_t t = 0; argc > 0 && t < TABLES; t++) {
        for (const struct cmd *c = tables[t]; c->noun != NULL; c++) {
            if (strcmp(c->noun, argv[0]) != 0)
                continue;
            *ret_words = 1 + match_verb(c, argc - 1, argv + 1);
            if (*ret_words > 1)
                return c;
        }
        for (const struct cmd *c = tables[t]; c->noun != NULL; c++) {
            if (c->verb == NULL && strcmp(c->noun, argv[0]) == 0) {
                *ret_words = 1;
                return c;
            }
        }
    }
    return NULL;
}

/* The place of a written option in the table, -1 unknown; *ret_value at `=` when there. */
static int
find_option(const struct cmd *c, const char *word, const char **ret_value)
{
    *ret_value = NULL;
    for (int i = 0; c->options != NULL && c->options[i].name != NULL; i++) {
        const struct cmd_option *o = &c->options[i];
        size_t n = strlen(o->name);

        if (word[0] == '-' && word[1] == o->letter && o->letter != 0) {
            if (word[2] == '\0')
                return i;
            if (o->value != NULL) {
                *ret_value = word + 2;
                return i;
            }
        }
        if (strncmp(word, "--", 2) == 0 && strncmp(word + 2, o->name, n) == 0) {
            if (word[2 + n] == '\0')
                return i;
            if (word[2 + n] == '=' && o->value != NULL) {
                *ret_value = word + 3 + n;
                return i;
            }
        }
    }
    return -1;
}

/* `--dir DIR` or `--dir=DIR` at argv: words taken, 0 none, ERR_USAGE (reported). */
static int
take_dir(int argc, char **argv, const char **ret)
{
    if (strncmp(argv[0], "--dir=", 6) == 0) {
        *ret = argv[0] + 6;
        return 1;
    }
    if (strcmp(argv[0], "--dir") != 0)
        return 0;
    if (argc < 2)
        return cli_fail(ERR_USAGE, "--dir needs a value: the node's directory"), ERR_USAGE;
    *ret = argv[1];
    return 2;
}

/* The option that was just read, among all that were given. */
static bool
remember(struct cli *cli, int at)
{
    if (cli->givens == CLI_GIVEN) {
        (void)cli_fail(ERR_USAGE, "more than %d options", CLI_GIVEN);
        return false;
    }
    cli->given[cli->givens].at = at;
    cli->given[cli->givens++].value = cli->option[at];
    return true;
}

/* Options into cli, arguments to the front of argv; 0, 1 when help was shown, ERR_USAGE. */
static int
parse_options(struct cli *cli, int argc, char **argv)
{
    bool only_arguments = false;

    cli->argv = argv;
    for (int i = 0; i < argc; i++) {
        const char *value;
        int at;
        int n;

        if (only_arguments || argv[i][0] != '-' || argv[i][1] == '\0') {
            cli->argv[cli->argc++] = argv[i];
            continue;
        }
        if (strcmp(argv[i], "--") == 0) {
            only_arguments = true;
            continue;
        }
        if (is_help(argv[i]))
            return print_help(cli->cmd), 1;
        n = take_dir(argc - i, argv + i, &cli->dir);
        if (n < 0)
            return n;
        if (n > 0) {
            i += n - 1;
            continue;
        }
        at = find_option(cli->cmd, argv[i], &value);
        if (at < 0) {
            (void)cli_fail(ERR_USAGE, "%s: unknown option (see `detente %s%s%s --help`)",
                           argv[i], cli->cmd->noun, cli->cmd->verb ? " " : "",
                           cli->cmd->verb ? cli->cmd->verb : "");
            return ERR_USAGE;
        }
        if (cli->cmd->options[at].value == NULL) {
            cli->option[at] = "";
        } else if (value != NULL) {
            cli->option[at] = value;
        } else if (i + 1 < argc) {
            cli->option[at] = argv[++i];
        } else {
            (void)cli_fail(ERR_USAGE, "%s needs a value: %s", argv[i],
                           cli->cmd->options[at].help);
            return ERR_USAGE;
        }
        if (!remember(cli, at))
            return ERR_USAGE;
    }
    return 0;
}

static int
unknown_command(int argc, char **argv)
{
    for (size_t t = 0; argc > 0 && t < TABLES; t++) {
        if (strcmp(tables[t]->noun, argv[0]) == 0) {
            print_usage(stderr, argv[0]);
            return err_exit(ERR_USAGE);
        }
    }
    if (argc > 0)
        return cli_fail(ERR_USAGE, "unknown command `%s` (`detente help` lists them)", argv[0]);
    print_usage(stderr, NULL);
    return err_exit(ERR_USAGE);
}

int
main(int argc, char **argv)
{
    struct cli cli = {.dir = getenv("DETENTE_DIR")};
    int words = 0;
    int r;

    argc--;
    argv++;
    while (argc > 0 && (r = take_dir(argc, argv, &cli.dir)) != 0) {
        if (r < 0)
            return err_exit(r);
        argc -= r;
        argv += r;
    }
    if (argc > 0 && (strcmp(argv[0], "help") == 0 || is_help(argv[0])))
        return help(argc - 1, argv + 1);
    if (argc > 0 && (strcmp(argv[0], "version") == 0 || strcmp(argv[0], "--version") == 0))
        return puts("detente " DETENTE_VERSION), 0;
    cli.cmd = find_command(argc, argv, &words);
    if (cli.cmd == NULL && argc == 2 && is_help(argv[1]))
        return help(1, argv);
    if (cli.cmd == NULL)
        return unknown_command(argc, argv);
    r = parse_options(&cli, argc - words, argv + words);
    if (r != 0)
        return r < 0 ? err_exit(r) : 0;
    if (cli.argc > 0 && cli.cmd->args[0] == '\0')
        return cli_fail(ERR_USAGE, "%s%s%s takes no argument, not `%s` (see `detente help %s`)",
                        cli.cmd->noun, cli.cmd->verb ? " " : "",
                        cli.cmd->verb ? cli.cmd->verb : "", cli.argv[0], cli.cmd->noun);
    if (cli.dir != NULL && cli.dir[0] == '\0')
        cli.dir = NULL; /* an empty name would be the root of the file system */
    if (cli.dir != NULL)
        (void)!env_posix_look(cli.dir,
                              &(struct errinfo){0}); /* opening it says what is wrong */
    return cli.cmd->run(&cli);
}
