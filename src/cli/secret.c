#include "cli/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

void
secret_wipe(struct buf *b)
{
    if (b->ptr != NULL)
        explicit_bzero(b->ptr, b->room);
    buf_release(b);
}

/* One line from the terminal, not shown. */
static int
type_in(const char *prompt, struct buf *ret)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    struct termios was;
    struct termios quiet;
    char c;
    ssize_t n = 0;

    if (fd < 0 || tcgetattr(fd, &was) < 0) {
        if (fd >= 0)
            (void)close(fd);
        (void)cli_fail(ERR_USAGE, "there is no terminal to ask for a passphrase: give "
                                  "--passphrase-file");
        return ERR_USAGE;
    }
    quiet = was;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    (void)tcsetattr(fd, TCSAFLUSH, &quiet);
    (void)!write(fd, prompt, strlen(prompt));
    while ((n = read(fd, &c, 1)) == 1 && c != '\n')
        buf_char(ret, c);
    (void)!write(fd, "\n", 1);
    (void)tcsetattr(fd, TCSAFLUSH, &was);
    (void)close(fd);
    return n < 0 ? ERR_IO : buf_error(ret);
}

static int
from_file(const char *path, struct buf *ret)
{
    struct errinfo ei = {0};
    char *text = NULL;
    size_t len = 0;
    int r = cli_read_file(path, PASSPHRASE_MAX, &text, &len, &ei);

    if (r < 0)
        return (void)cli_fail_at(r, &ei), r;
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
        len--;
    buf_add(ret, text, len);
    explicit_bzero(text, len);
    free(text);
    return buf_error(ret);
}

int
secret_passphrase(struct cli *cli, const char *what, bool twice, struct buf *ret)
{
    const char *file = cli_option(cli, "passphrase-file");
    AUTO_BUF(again, PASSPHRASE_MAX);
    char prompt[320];
    int r;

    (void)snprintf(prompt, sizeof prompt, "Passphrase of %.256s: ", what);
    r = file != NULL ? from_file(file, ret) : type_in(prompt, ret);
    if (r == 0 && twice && file == NULL) {
        r = type_in("The same again: ", &again);
        if (r == 0 && !slice_eq(buf_get(ret), buf_get(&again)))
            r = cli_fail(ERR_USAGE, "they are not the same") != 0 ? ERR_USAGE : 0;
        secret_wipe(&again);
    }
    if (r == 0 && twice && ret->len < 10)
        r = cli_fail(ERR_USAGE, "a passphrase has at least 10 characters") != 0 ? ERR_USAGE : 0;
    return r;
}

static int
open_sealed(struct cli *cli, const char *path, struct slice text, struct skey *ret)
{
    AUTO_BUF(phrase, PASSPHRASE_MAX);
    int r = secret_passphrase(cli, path, false, &phrase);

    if (r < 0)
        return r;
    r = keyfile_open(text, buf_get(&phrase), ret);
    secret_wipe(&phrase);
    if (r == ERR_AUTH)
        (void)cli_fail(r, "%s: this is not its passphrase", path);
    else if (r < 0)
        (void)cli_fail(r == ERR_INVALID ? ERR_CONF : r, "%s: %s", path,
                       r == ERR_INVALID ? "is no key file" : err_text(r));
    return r;
}

int
secret_key(struct cli *cli, const char *path, struct skey *ret)
{
    struct errinfo ei = {0};
    char *text = NULL;
    size_t len = 0;
    int r = cli_read_file(path, KEYFILE_MAX, &text, &len, &ei);

    if (r < 0)
        return (void)cli_fail_at(r, &ei), r;
    if (keyfile_is_sealed((struct slice){text, len}))
        r = open_sealed(cli, path, (struct slice){text, len}, ret);
    else if (skey_parse((struct slice){text, len}, ret) < 0)
        r = cli_fail(ERR_CONF, "%s: is no key file", path) != 0 ? ERR_CONF : 0;
    explicit_bzero(text, len);
    free(text);
    return r;
}
