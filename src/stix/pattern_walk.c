/* A pattern's tree, told part by part. */
#include <stdlib.h>

#include "stix/pattern_priv.h"

_Static_assert((int)PATTERN_TEST == (int)NODE_TEST && (int)PATTERN_TIMES == (int)NODE_REPEATS,
               "parts are nodes");

enum { PATH_TEXT = 255 };

static void
put_path(struct buf *to, const struct step *s)
{
    for (; s != NULL; s = s->next) {
        if (s->kind == STEP_ANY) {
            buf_text(to, "[*]");
        } else if (s->kind == STEP_INDEX) {
            buf_char(to, '[');
            buf_i64(to, s->index);
            buf_char(to, ']');
        } else {
            if (to->len > 0)
                buf_char(to, '.');
            buf_slice(to, slice_cut(s->name, PATH_TEXT - 1));
        }
    }
}

struct place {
    const struct node *node;
    unsigned depth;
};

static int
tell_node(const struct place *at, pattern_tell *tell, void *arg)
{
    const struct node *n = at->node;
    struct pattern_part part = {.kind = (enum pattern_kind)n->kind, .depth = at->depth};
    char text[PATH_TEXT];
    struct buf path = {.ptr = text, .room = sizeof text, .max = sizeof text};

    if (n->kind == NODE_TEST) {
        put_path(&path, n->path);
        part.type = n->type;
        part.path = buf_get(&path);
        part.op = n->op;
        part.negated = n->negated;
        part.value = n->value;
    }
    return tell(arg, &part);
}

/* A chain of OR is as deep as it is long, so the way is kept here and not in calls. */
int
pattern_walk(const struct pattern *p, pattern_tell *tell, void *arg)
{
    struct place *way = malloc((PATTERN_NODES + 2) * sizeof *way);
    unsigned n = 0;
    int r = 0;

    if (way == NULL)
        return ERR_NOMEM;
    way[n++] = (struct place){p->root, 0};
    while (r == 0 && n > 0) {
        struct place at = way[--n];

        r = tell_node(&at, tell, arg);
        if (at.node->right != NULL)
            way[n++] = (struct place){at.node->right, at.depth + 1};
        if (at.node->left != NULL)
            way[n++] = (struct place){at.node->left, at.depth + 1};
    }
    free(way);
    return r;
}

bool
pattern_text(const struct value **at, struct slice *ret)
{
    const struct value *v = *at;

    *at = v->next;
    *ret = v->kind == VALUE_STRING ? v->text : (struct slice){"", 0};
    return v->kind == VALUE_STRING;
}
