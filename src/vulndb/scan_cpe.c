/* What is known by a CPE against NVD's configurations. */
#include "vulndb/scan_priv.h"

int
scan_cpes(struct scanning *x)
{
    (void)x;
    return 0;
}
