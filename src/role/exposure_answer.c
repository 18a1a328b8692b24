/* The callback of web/web.h. */
#include "role/answers.h"
#include "role/exposure.h"

int
answer_vulnerabilities(void *self, struct slice id, struct buf *to)
{
    struct answers *a = self;
    const struct env *env = &a->view->node.env;
    struct utime now = {env->now_wall(env->self).us};

    if (a->exposure == NULL)
        return ERR_NOTFOUND;
    return id.len == 0 ? exposure_json(a->exposure, a->view->node.attrib, now, to)
                       : exposure_one(a->exposure, a->view->node.attrib, id, now, to);
}
