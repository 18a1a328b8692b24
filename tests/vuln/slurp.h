/* Real data, packed or not, from the folder that a test is given; without it the test is
 * skipped.  What is packed is unpacked by the system's own tool. */
#ifndef DETENTE_TESTS_VULN_SLURP_H
#define DETENTE_TESTS_VULN_SLURP_H

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"

static bool slurp_missed;

/* What main() gives back: 77 counts the test as skipped where data was not there. */
static inline int
slurp_status(int failed)
{
    return failed == 0 && slurp_missed ? 77 : failed;
}

static inline void
slurp(const char *folder, const char *name, struct buf *to)
{
    char command[600];
    char path[512];
    char *at;
    FILE *f;

    (void)snprintf(path, sizeof path, "%s/%s", folder == NULL ? "" : folder, name);
    if (folder == NULL || access(path, R_OK) < 0) {
        slurp_missed = true;
        skip();
    }
    (void)snprintf(command, sizeof command, "%s '%s'",
                   strstr(name, ".gz") != NULL   ? "gzip -dc"
                   : strstr(name, ".xz") != NULL ? "xz -dc"
                                                 : "cat",
                   path);
    f = popen(command, "r");
    if (f == NULL)
        skip();
    while ((at = buf_reserve(to, 1 << 16)) != NULL) {
        size_t n = fread(at, 1, 1 << 16, f);

        if (n == 0)
            break;
        buf_wrote(to, n);
    }
    assert_int_equal(pclose(f), 0);
    assert_int_equal(buf_error(to), 0);
}

#endif
