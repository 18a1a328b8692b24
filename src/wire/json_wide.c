#include "wire/json_priv.h"

#if defined(__x86_64__)

#include <immintrin.h>

#define WIDE \
    __attribute__((target("avx512f,avx512bw,avx512vbmi,avx512vbmi2,pclmul,popcnt,bmi,bmi2")))
#define WIDE_STEP WIDE static inline __attribute__((always_inline))

bool
json_wide_can(void)
{
    return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi") &&
           __builtin_cpu_supports("avx512vbmi2") && __builtin_cpu_supports("pclmul") &&
           __builtin_cpu_supports("bmi2");
}

enum { AHEAD = 4096 /* bytes that are fetched before they are needed */ };

/* What one block of 64 bytes needs to know of those before it. */
struct wide {
    struct json_room room;
    __m512i all;      /* the bytes so far, or-ed */
    uint64_t string;  /* all ones inside a string */
    uint64_t scalar;  /* 1 behind a byte of a scalar that is no string, wherever it stands */
    uint64_t escaped; /* 1 behind a backslash that counts */
    uint64_t control; /* control characters in strings */
    uint64_t escapes; /* not 0: a backslash in this line */
    uint32_t tokens;
    uint32_t lines;
};

/* Bytes behind a backslash that is not itself behind one. */
WIDE_STEP uint64_t
escaped_bytes(struct wide *w, uint64_t backslash)
{
    const uint64_t even = 0x5555555555555555;
    uint64_t starts = backslash & ~w->escaped;
    uint64_t follows = starts << 1 | w->escaped;
    uint64_t odd_starts = starts & ~even & ~follows;
    uint64_t ends;

    w->escaped = __builtin_add_overflow(odd_starts, starts, &ends);
    return (even ^ ends << 1) & follows;
}

/* Ones from each opening quote up to, not including, its closing one. */
WIDE_STEP uint64_t
string_bytes(struct wide *w, uint64_t quote)
{
    __m128i q = _mm_set_epi64x(0, (long long)quote);
    __m128i x = _mm_clmulepi64_si128(q, _mm_set1_epi8(-1), 0);
    uint64_t in = (uint64_t)_mm_cvtsi128_si64(x) ^ w->string;

    w->string = (uint64_t)((int64_t)in >> 63);
    return in;
}

/* Sixteen of a list of 64 offsets in a block, as offsets in the text. */
WIDE_STEP void
put_offsets(uint32_t *to, __m512i list, int part, uint32_t base)
{
    const __m512i which =
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i wide = _mm512_maskz_permutexvar_epi8(
        0x1111111111111111, _mm512_add_epi32(which, _mm512_set1_epi32(part * 16)), list);

    _mm512_storeu_si512(to + (ptrdiff_t)part * 16,
                        _mm512_add_epi32(wide, _mm512_set1_epi32((int)base)));
}

/* Offsets and first bytes of the tokens of a block. */
WIDE_STEP void
put_tokens(struct wide *w, __m512i in, uint64_t tokens, uint32_t base)
{
    const __m512i count = _mm512_set_epi8(
        63, 62, 61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42,
        41, 40, 39, 38, 37, 36, 35, 34, 33, 32, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20,
        19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
    uint32_t *to = w->room.at + w->tokens;
    uint32_t n = (uint32_t)_mm_popcnt_u64(tokens);
    __m512i list = _mm512_maskz_compress_epi8(tokens, count);
    __m512i first = _mm512_maskz_compress_epi8(tokens, in);
    __mmask64 number = _mm512_cmple_epu8_mask(_mm512_sub_epi8(first, _mm512_set1_epi8('-')),
                                              _mm512_set1_epi8('9' - '-'));
    __mmask64 f = _mm512_cmpeq_epi8_mask(first, _mm512_set1_epi8('f'));

    first = _mm512_mask_mov_epi8(first, number, _mm512_set1_epi8('0'));
    first = _mm512_mask_mov_epi8(first, f, _mm512_set1_epi8('t'));
    _mm512_storeu_si512(w->room.first + w->tokens, first);
    put_offsets(to, list, 0, base);
    put_offsets(to, list, 1, base);
    if (n > 32) {
        put_offsets(to, list, 2, base);
        put_offsets(to, list, 3, base);
    }
    w->tokens += n;
}

/* The newlines of a block, of which there is one at least. */
WIDE_STEP void
put_lines(struct wide *w, uint64_t newline, uint64_t tokens, uint64_t backslash, uint32_t base)
{
    do {
        uint64_t up_to = _blsmsk_u64(newline);
        struct json_line *line = &w->room.line[w->lines];

        line->tokens = w->tokens + (uint32_t)_mm_popcnt_u64(tokens & up_to);
        line->end = base + (uint32_t)_tzcnt_u64(newline);
        line->escapes = (w->escapes | (backslash & up_to)) != 0;
        w->escapes = 0;
        w->lines++;
        backslash &= ~up_to;
        newline &= newline - 1;
    } while (newline != 0);
    w->escapes = backslash;
}

WIDE_STEP void
one_block(struct wide *w, __m512i in, uint32_t base)
{
    const __m512i ops = _mm512_broadcast_i32x4(
        _mm_set_epi8(0, 0, '}', ',', '{', ':', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
    uint64_t backslash = _mm512_cmpeq_epi8_mask(in, _mm512_set1_epi8('\\'));
    uint64_t quote = _mm512_cmpeq_epi8_mask(in, _mm512_set1_epi8('"'));
    uint64_t op = _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(ops, in),
                                         _mm512_or_si512(in, _mm512_set1_epi8(0x20)));
    uint64_t space = _mm512_cmpeq_epi8_mask(in, _mm512_set1_epi8(' '));
    uint64_t control = _mm512_cmple_epu8_mask(in, _mm512_set1_epi8(0x1f));
    uint64_t newline = 0;
    uint64_t string;
    uint64_t bare; /* of a scalar that is no string */
    uint64_t tokens;

    if (__builtin_expect((backslash | w->escaped) != 0, 0))
        quote &= ~escaped_bytes(w, backslash);
    if (control != 0) {
        newline = _mm512_cmpeq_epi8_mask(in, _mm512_set1_epi8('\n'));
        space |= newline | _mm512_cmpeq_epi8_mask(in, _mm512_set1_epi8('\t')) |
                 _mm512_cmpeq_epi8_mask(in, _mm512_set1_epi8('\r'));
    }
    string = string_bytes(w, quote);
    bare = ~(op | space | quote);
    tokens = (op | (~(op | space) & ~(bare << 1 | w->scalar))) & ~(string ^ quote);
    w->scalar = bare >> 63;
    w->control |= control & string;
    w->all = _mm512_or_si512(w->all, in);
    if (newline != 0)
        put_lines(w, newline, tokens, backslash, base);
    else
        w->escapes |= backslash;
    put_tokens(w, in, tokens, base);
}

WIDE enum json_fault
json_wide_run(const struct json_room *room, const char *text, size_t len,
              struct json_tokens *ret, bool *ret_ascii)
{
    struct wide w = {.room = *room, .all = _mm512_setzero_si512()};
    uint32_t at = 0;

    for (; at + 64 <= len; at += 64) {
        /* The processor itself fetches no further than its page; a fetch does no harm behind
         * the text's end. */
        _mm_prefetch((const char *)((uintptr_t)text + at + AHEAD), _MM_HINT_T0);
        one_block(&w, _mm512_loadu_si512(text + at), at);
    }
    if (at < len)
        one_block(&w,
                  _mm512_mask_loadu_epi8(_mm512_set1_epi8(' '),
                                         _bzhi_u64(UINT64_MAX, (unsigned)(len - at)),
                                         text + at),
                  at);
    *ret_ascii = _mm512_movepi8_mask(w.all) == 0;
    ret->count = w.tokens;
    ret->lines = w.lines;
    room->line[w.lines].escapes = w.escapes != 0; /* of what is behind the last newline */
    return w.control == 0 && w.string == 0 ? JSON_FINE : JSON_STRING;
}

#else

bool
json_wide_can(void)
{
    return false;
}

enum json_fault
json_wide_run(const struct json_room *room, const char *text, size_t len,
              struct json_tokens *ret, bool *ret_ascii)
{
    (void)room;
    (void)text;
    (void)len;
    (void)ret;
    *ret_ascii = false;
    return JSON_MEMORY;
}

#endif
