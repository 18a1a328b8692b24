/* Room for records, in blocks of 2^order, from one stretch of memory that is touched only as
 * far as it is used.  What is free is kept by order, the newest first, for that is in the
 * cache. Halves are joined again only when nothing else is left: doing it at once would touch
 * neighbours, which are not in the cache. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "judge/judge_priv.h"

enum { HUGE_FROM = 2 << 20 };

/* ---- memory ----------------------------------------------------------------------------- */

void *
region_take(size_t bytes)
{
    void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (at == MAP_FAILED)
        return NULL;
    /* Large pages spare half of the misses, and are not needed: what is small stays small. */
    if (bytes > HUGE_FROM)
        (void)madvise((char *)at + HUGE_FROM, bytes - HUGE_FROM, MADV_HUGEPAGE);
    return at;
}

void
region_give(void *at, size_t bytes)
{
    if (at != NULL)
        (void)munmap(at, bytes);
}

/* ---- blocks ----------------------------------------------------------------------------- */

/* A free block begins with the next one of its order. */
static uint32_t *
link_of(const struct pool *p, uint32_t block)
{
    return (uint32_t *)(void *)&p->at[block];
}

static void
push(struct pool *p, uint32_t block, unsigned order)
{
    *link_of(p, block) = p->free[order];
    p->free[order] = block;
}

static uint32_t
pop(struct pool *p, unsigned order)
{
    uint32_t block = p->free[order];

    p->free[order] = *link_of(p, block);
    if (p->free[order] != 0)
        __builtin_prefetch(link_of(p, p->free[order]), 1);
    return block;
}

int
pool_init(struct pool *p, uint64_t records)
{
    *p = (struct pool){
        .used = 1, .max = records > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)records + 1};
    p->at = region_take(p->max * sizeof *p->at);
    return p->at == NULL ? ERR_NOMEM : 0;
}

void
pool_release(struct pool *p)
{
    region_give(p->at, p->max * sizeof *p->at);
    *p = (struct pool){0};
}

/* From what was never used; what is skipped for alignment is free. */
static uint32_t
fresh(struct pool *p, unsigned order)
{
    uint32_t size = 1U << order;
    uint64_t block = ((uint64_t)p->used + size - 1) & ~(uint64_t)(size - 1);

    if (block + size > p->max)
        return 0;
    for (unsigned o = 0; p->used < block; o++) {
        if ((p->used >> o & 1) != 0) {
            push(p, p->used, o);
            p->used += 1U << o;
        }
    }
    p->used += size;
    return (uint32_t)block;
}

static uint32_t
split(struct pool *p, unsigned order)
{
    unsigned from = order;
    uint32_t block;

    while (from < POOL_ORDERS && p->free[from] == 0)
        from++;
    if (from == POOL_ORDERS)
        return 0;
    block = pop(p, from);
    while (from-- > order)
        push(p, block + (1U << from), from);
    return block;
}

/* Join what is free and side by side.  A look at everything, so not before a good part of it
 * has come back. */
static bool
join_free(struct pool *p)
{
    uint8_t *order;

    if (p->given < p->used / 16 || (order = calloc(p->used, 1)) == NULL)
        return false;
    p->given = 0;
    for (unsigned o = 0; o < POOL_ORDERS; o++) {
        for (uint32_t b = p->free[o]; b != 0; b = *link_of(p, b))
            order[b] = (uint8_t)(o + 1);
        p->free[o] = 0;
    }
    for (unsigned o = 0; o < POOL_ORDERS; o++) {
        uint64_t size = UINT64_C(1) << o;

        for (uint64_t b = 0; b < p->used; b += 2 * size) {
            uint64_t twin = b + size;
            bool left = order[b] == o + 1;
            bool right = twin < p->used && order[twin] == o + 1;

            if (left && right && o + 1 < POOL_ORDERS) {
                order[b]++;
                continue;
            }
            if (left)
                push(p, (uint32_t)b, o);
            if (right)
                push(p, (uint32_t)twin, o);
        }
    }
    free(order);
    return true;
}

uint32_t
pool_take(struct pool *p, unsigned order)
{
    uint32_t block;

    if (order >= POOL_ORDERS)
        return 0;
    if (p->free[order] != 0)
        return pop(p, order);
    block = fresh(p, order);
    if (block == 0)
        block = split(p, order);
    if (block == 0 && join_free(p))
        block = split(p, order);
    return block;
}

void
pool_give(struct pool *p, uint32_t block, unsigned order)
{
    push(p, block, order);
    p->given += 1U << order;
}
