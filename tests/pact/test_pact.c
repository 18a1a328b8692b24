/* Pacts that are refused, one change to a good one each: test_pact BASE REFUSALS.  With -update
 * as the first argument the expected column is printed anew. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pact/annex.h"

enum { TEXT_MAX = 1 << 20, LINE_MAX_ = 4096 };

static char *
read_all(const char *path)
{
    FILE *f = fopen(path, "r");
    char *text = calloc(1, TEXT_MAX);

    if (f == NULL || text == NULL || fread(text, 1, TEXT_MAX - 1, f) == 0) {
        perror(path);
        exit(1);
    }
    (void)fclose(f);
    return text;
}

/* `\n` as a line end, `\r` and `\t` as what they are. */
static void
unescape(char *s)
{
    char *to = s;

    for (; *s != '\0'; s++) {
        if (s[0] == '\\' && s[1] != '\0' && strchr("nrt", s[1]) != NULL) {
            *to++ = s[1] == 'n' ? '\n' : s[1] == 'r' ? '\r' : '\t';
            s++;
        } else {
            *to++ = *s;
        }
    }
    *to = '\0';
}

static bool is_annex; /* what the base is */

static void
try_text(const char *text, size_t len, char ret[512])
{
    struct errinfo ei = {0};
    struct slice all = {text, len};
    struct annex *a = NULL;
    struct pact *p = NULL;
    int r =
        is_annex ? annex_read(all, &a, NULL, NULL, &ei) : pact_read(all, &p, NULL, NULL, &ei);

    if (r == 0)
        (void)snprintf(ret, 512, "=");
    else if (r == ERR_CONF)
        (void)snprintf(ret, 512, "%u:%u: %s", ei.line, ei.column, ei.text);
    else
        (void)snprintf(ret, 512, "error %d", r);
    (void)pact_free(p);
    (void)annex_free(a);
}

static int
try_change(const char *base, char *from, char *into, const char *want, bool update)
{
    static char changed[TEXT_MAX];
    const char *at;
    char shown[LINE_MAX_];
    char got[512];

    (void)snprintf(shown, sizeof shown, "%s | %s", from, into);
    unescape(from);
    unescape(into);
    at = strstr(base, from);
    if (at == NULL) {
        printf("FAULT: `%s` is not in the pact\n", from);
        return 1;
    }
    (void)snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - base), base, into,
                   at + strlen(from));
    try_text(changed, strlen(changed), got);
    if (update)
        printf("%s | %s\n", shown, got);
    if (update || strcmp(got, want) == 0)
        return 0;
    printf("FAULT: %s\n  gives %s\n  not   %s\n", shown, got, want);
    return 1;
}

/* Cut off anywhere, and with any byte changed: read or refused, nothing else. */
static void
spoil(const char *base)
{
    size_t len = strlen(base);
    char *text = malloc(len);
    char got[512];

    if (text == NULL)
        exit(1);
    for (size_t i = 0; i < len; i += 7)
        try_text(base, i, got);
    for (size_t i = 0; i < len; i++) {
        memcpy(text, base, len);
        text[i] = (char)(text[i] ^ (1 << i % 8));
        if (i % 3 == 0)
            try_text(text, len, got);
    }
    free(text);
}

int
main(int argc, char **argv)
{
    bool update = argc == 4 && strcmp(argv[1], "-update") == 0;
    char *base = read_all(argv[argc - 2]);
    char *list = read_all(argv[argc - 1]);
    unsigned count = 0;
    int faults = 0;
    char *save = NULL;

    if (key_init() < 0)
        return 1;
    is_annex = strstr(base, "format: detente-annex/") != NULL;
    for (char *line = strtok_r(list, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save)) {
        char *into = strstr(line, " | ");
        char *want = into == NULL ? NULL : strstr(into + 3, " | ");

        if (line[0] == '#' && update)
            printf("%s\n", line);
        if (line[0] == '#' || want == NULL)
            continue;
        *into = *want = '\0';
        faults += try_change(base, line, into + 3, want + 3, update);
        count++;
    }
    spoil(base);
    if (!update)
        printf("%u changes, %d faults\n", count, faults);
    free(base);
    free(list);
    return faults != 0 || count < 30;
}
