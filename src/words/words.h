/* What people read, in their languages: sentences with places for what they are about.
 *
 * One catalogue, each sentence in all languages side by side (words.def), so that none can be
 * missing.  In a sentence `{0}` is the first argument, and `{0?one|more}` a choice by the
 * number that it is: one form for each plural category that a language has for whole numbers,
 * in the order one, few, many, other (Unicode CLDR, plural rules): two in English, three in
 * Russian, one in Chinese.  Sentences hold no markup.
 *
 * What is kept or goes between processes is not a sentence but its name and arguments, packed
 * into a text (word_pack()), so that each reader has it in a language of its own.  Pure. */
#ifndef DETENTE_WORDS_WORDS_H
#define DETENTE_WORDS_WORDS_H

#include <stdarg.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/slice.h"

enum language { LANGUAGE_EN, LANGUAGE_RU, LANGUAGE_ZH, LANGUAGES };

const char *language_name(enum language l); /* "en", as in BCP 47 */
/* By its name, in any case, with or without a region behind it; -1 when it is not spoken. */
int language_find(struct slice name);

enum word {
    WORD_NONE,
#define WORD(id, name, en, ru, zh) WORD_##id,
#include "words/words.def"
    WORD_COUNT
};

enum { WORD_ARGS = 6 };

const char *word(enum language l, enum word w);      /* as it stands in the catalogue */
const char *word_name(enum word w);                  /* "state.CLOSED" */
enum word word_find(const char *of, struct slice s); /* "state", "CLOSED"; WORD_NONE: none */

/* The sentence, with its arguments as they are: who writes HTML hands in HTML. */
void word_put(struct buf *to, enum language l, enum word w, const struct slice *args,
              unsigned count);
/* A value that has a name here, in words; one that has none as it is. */
void word_put_name(struct buf *to, enum language l, const char *of, struct slice s);

/* What stands between arguments in a format of word_pack(). */
#define WORD_AND "\x1f"
/* … and in front of an argument that is a word by itself: its name follows. */
#define WORD_NAME "\x1e"

/* Sentence and arguments as one text, cut where it is full. */
void word_pack(char *to, size_t room, enum word w, const char *fmt, ...) PRINTF(4, 5);

void word_vpack(char *to, size_t room, enum word w, const char *fmt, va_list ap) PRINTF(4, 0);
/* A text that was packed as the sentence; one that was not, as it is. */
void word_unpack(struct buf *to, enum language l, const char *packed);

#endif
