/* Inside economies: the list, which tools/economies.py makes of the page's. */
#ifndef DETENTE_MODEL_ECONOMY_PRIV_H
#define DETENTE_MODEL_ECONOMY_PRIV_H

struct economy {
    const char *name;
    char code[3];
};

extern const struct economy economy_list[]; /* ascending by the bytes of names */
extern const unsigned economy_count;

#endif
