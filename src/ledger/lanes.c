#include "ledger/lanes_priv.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

/* FIPS 180-4 4.2.2 and 5.3.3 */
static const uint32_t round_k[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
    0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
    0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
    0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
    0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
    0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
    0xc67178f2};

/* The order in which the instructions hold the eight words of a state. */
struct lane_state {
    __m128i abef;
    __m128i cdgh;
};

#define SHA_NI __attribute__((target("sha,sse4.1,ssse3")))

bool
lanes_fast(void)
{
    unsigned a;
    unsigned b;
    unsigned c;
    unsigned d;

    if (__get_cpuid(1, &a, &b, &c, &d) == 0 || (c & bit_SSE4_1) == 0)
        return false;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 && (b & bit_SHA) != 0;
}

SHA_NI static inline __m128i
load_words(const uint8_t *at)
{
    const __m128i order = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)at), order);
}

/* Words 4g … 4g + 3 of the message schedule, from the 16 before them (FIPS 180-4 6.2.2). */
SHA_NI static inline __m128i
next_words(const __m128i w[4], unsigned g)
{
    __m128i before = _mm_alignr_epi8(w[(g + 3) & 3], w[(g + 2) & 3], 4);
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[g & 3], w[(g + 1) & 3]), before);

    return _mm_sha256msg2_epu32(sum, w[(g + 3) & 3]);
}

/* One block of each of `lanes` messages, four rounds at a time. */
SHA_NI static inline __attribute__((always_inline)) void
one_block(struct lane_state *s, const uint8_t *const *at, const unsigned lanes)
{
    struct lane_state from[2];
    __m128i w[2][4];

    for (unsigned l = 0; l < lanes; l++)
        from[l] = s[l];
#pragma GCC unroll 16
    for (unsigned g = 0; g < 16; g++) {
        const __m128i k =
            _mm_loadu_si128((const __m128i *)(const void *)&round_k[(size_t)4 * g]);

#pragma GCC unroll 2
        for (unsigned l = 0; l < lanes; l++) {
            __m128i x;

            w[l][g & 3] = g < 4 ? load_words(&at[l][(size_t)16 * g]) : next_words(w[l], g);
            x = _mm_add_epi32(w[l][g & 3], k);
            s[l].cdgh = _mm_sha256rnds2_epu32(s[l].cdgh, s[l].abef, x);
            x = _mm_shuffle_epi32(x, 0x0e);
            s[l].abef = _mm_sha256rnds2_epu32(s[l].abef, s[l].cdgh, x);
        }
    }
    for (unsigned l = 0; l < lanes; l++) {
        s[l].abef = _mm_add_epi32(s[l].abef, from[l].abef);
        s[l].cdgh = _mm_add_epi32(s[l].cdgh, from[l].cdgh);
    }
}

/* Padding of FIPS 180-4 5.1.1; gives the blocks. */
static size_t
pad(struct lane m)
{
    size_t blocks = (m.n + 8) / 64 + 1;
    uint64_t bits = __builtin_bswap64((uint64_t)m.n * 8);

    m.bytes[m.n] = 0x80;
    memset(m.bytes + m.n + 1, 0, blocks * 64 - m.n - 1);
    memcpy(m.bytes + blocks * 64 - 8, &bits, 8);
    return blocks;
}

static void
put_state(const struct lane_state *s, struct hash *ret)
{
    uint32_t feba[4];
    uint32_t hgdc[4];

    _mm_storeu_si128((__m128i *)(void *)feba, s->abef);
    _mm_storeu_si128((__m128i *)(void *)hgdc, s->cdgh);
    const uint32_t words[8] = {feba[3], feba[2], hgdc[3], hgdc[2],
                               feba[1], feba[0], hgdc[1], hgdc[0]};

    for (size_t i = 0; i < 8; i++) {
        uint32_t word = __builtin_bswap32(words[i]);

        memcpy(ret->byte + 4 * i, &word, 4);
    }
}

SHA_NI static void
hash_fast(struct lane a, struct lane b)
{
    const struct lane_state start = {
        _mm_set_epi32(0x6a09e667, (int)0xbb67ae85, 0x510e527f, (int)0x9b05688c),
        _mm_set_epi32(0x3c6ef372, (int)0xa54ff53a, 0x1f83d9ab, 0x5be0cd19)};
    struct lane_state s[2] = {start, start};
    const uint8_t *at[2] = {a.bytes, b.bytes};
    size_t left[2] = {pad(a), pad(b)};

    for (; left[0] > 0 && left[1] > 0; left[0]--, left[1]--) {
        one_block(s, at, 2);
        at[0] += 64;
        at[1] += 64;
    }
    for (unsigned l = 0; l < 2; l++) {
        for (; left[l] > 0; left[l]--, at[l] += 64)
            one_block(&s[l], &at[l], 1);
    }
    put_state(&s[0], a.ret);
    put_state(&s[1], b.ret);
}

#else

bool
lanes_fast(void)
{
    return false;
}

static void
hash_fast(struct lane a, struct lane b)
{
    (void)a;
    (void)b;
}

#endif

void
lanes_hash(bool fast, struct lane a, struct lane b)
{
    if (fast) {
        hash_fast(a, b);
    } else {
        *a.ret = sha256_of(a.bytes, a.n);
        *b.ret = sha256_of(b.bytes, b.n);
    }
}
