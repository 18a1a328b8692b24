#include "wire/json_priv.h"

#include <memory>
#include <new>
#include <unistd.h>

#include <simdjson.h>

struct json_simd {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> parser;
};

/* simdjson keeps names of what it can do in strings that are made at the first use, where no
 * exception may pass: without memory for them the program ends, and says why. */
static void
no_memory()
{
    static const char text[] = "detente: out of memory\n";
    ssize_t n = write(STDERR_FILENO, text, sizeof text - 1);

    _exit(n < 0 ? 6 : 5);
}

static const simdjson::implementation *
first_use()
{
    std::new_handler before = std::set_new_handler(no_memory);
    const simdjson::implementation *best = simdjson::get_active_implementation();

    /* The name alone finds out which it is. */
    (void)best->name();
    std::set_new_handler(before);
    return best;
}

struct json_simd *
json_simd_new(size_t max)
{
    static const simdjson::implementation *best = first_use();
    auto *s = new (std::nothrow) json_simd;

    if (s != nullptr &&
        best->create_dom_parser_implementation(max, 1, s->parser) != simdjson::SUCCESS)
        return json_simd_free(s);
    return s;
}

struct json_simd *
json_simd_free(struct json_simd *s)
{
    delete s;
    return nullptr;
}

int
json_simd_run(struct json_simd *s, const char *text, size_t len, const uint32_t **ret_at,
              uint32_t *ret_count)
{
    enum { FINE, UTF8, STRING, MEMORY }; /* as enum json_fault has it; json.c checks that */
    auto *bytes = reinterpret_cast<const uint8_t *>(text);

    *ret_at = s->parser->structural_indexes.get();
    *ret_count = 0;
    switch (s->parser->stage1(bytes, len, simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS: *ret_count = s->parser->n_structural_indexes; return FINE;
    case simdjson::EMPTY: return FINE;
    case simdjson::UTF8_ERROR: return UTF8;
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC: return MEMORY;
    default: return STRING;
    }
}

bool
json_simd_utf8(const char *text, size_t len)
{
    return simdjson::validate_utf8(text, len);
}
