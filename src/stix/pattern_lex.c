/* The tokens of a pattern. */
#include "stix/pattern_priv.h"

int
lexer_wrong(struct lexer *l, size_t at, const char *what)
{
    unsigned line = 1;
    size_t start = 0;

    for (size_t i = 0; i < at; i++) {
        if (l->text.ptr[i] == '\n') {
            line++;
            start = i + 1;
        }
    }
    return err_at(l->ei, ERR_INVALID, line, (unsigned)(at - start) + 1, "%s", what);
}

static char
peek(const struct lexer *l, size_t ahead)
{
    return l->at + ahead < l->text.len ? l->text.ptr[l->at + ahead] : '\0';
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/* White space, and comments of two kinds. */
static int
pass_space(struct lexer *l)
{
    while (l->at < l->text.len) {
        char c = peek(l, 0);

        if (c == ' ' || (c >= '\t' && c <= '\r')) {
            l->at++;
        } else if (c == '/' && peek(l, 1) == '/') {
            while (l->at < l->text.len && peek(l, 0) != '\n')
                l->at++;
        } else if (c == '/' && peek(l, 1) == '*') {
            const char *end = memmem(l->text.ptr + l->at + 2, l->text.len - l->at - 2, "*/", 2);

            if (end == NULL)
                return lexer_wrong(l, l->at, "a comment without its end");
            l->at = (size_t)(end - l->text.ptr) + 2;
        } else {
            break;
        }
    }
    return 0;
}

/* Behind the opening quote. */
static int
take_quoted(struct lexer *l, enum token_kind kind)
{
    size_t from = l->at;

    while (l->at < l->text.len && peek(l, 0) != '\'') {
        if (peek(l, 0) == '\\') {
            if (kind == TOKEN_STRING && peek(l, 1) != '\'' && peek(l, 1) != '\\')
                return lexer_wrong(l, l->at, "behind \\ stands ' or \\");
            l->at++;
        }
        l->at++;
    }
    if (l->at >= l->text.len)
        return lexer_wrong(l, l->token.at, "a string without its end");
    l->token.kind = kind;
    l->token.text = slice_sub(l->text, from, l->at - from);
    l->at++;
    return 0;
}

static int
take_number(struct lexer *l)
{
    size_t digits = 0;
    size_t first;

    if (peek(l, 0) == '+' || peek(l, 0) == '-')
        l->at++;
    first = l->at;
    for (; is_digit(peek(l, 0)); l->at++)
        digits++;
    l->token.kind = TOKEN_INT;
    if (digits > 1 && l->text.ptr[first] == '0' && peek(l, 0) != '.')
        return lexer_wrong(l, first, "a number does not begin with 0");
    if (peek(l, 0) == '.') {
        l->token.kind = TOKEN_FLOAT;
        l->at++;
        if (!is_digit(peek(l, 0)))
            return lexer_wrong(l, l->at, "a digit is missing here");
        while (is_digit(peek(l, 0)))
            l->at++;
    } else if (digits == 0) {
        return lexer_wrong(l, l->token.at, "a digit is missing here");
    }
    if (is_letter(peek(l, 0)))
        return lexer_wrong(l, l->at, "a number ends here");
    l->token.text = slice_sub(l->text, l->token.at, l->at - l->token.at);
    return 0;
}

/* A keyword, a name; names of types have hyphens. */
static void
take_word(struct lexer *l)
{
    while (is_letter(peek(l, 0)) || is_digit(peek(l, 0)) || peek(l, 0) == '-')
        l->at++;
    l->token.kind = TOKEN_WORD;
    l->token.text = slice_sub(l->text, l->token.at, l->at - l->token.at);
}

static int
take_sign(struct lexer *l)
{
    static const char *const two[] = {"!=", "<>", "<=", ">=", "=="};
    size_t n = 1;

    for (size_t i = 0; i < sizeof two / sizeof *two; i++) {
        if (peek(l, 0) == two[i][0] && peek(l, 1) == two[i][1])
            n = 2;
    }
    if (n == 1 && memchr("=<>[](),.:*", peek(l, 0), 11) == NULL)
        return lexer_wrong(l, l->at, "a character that stands in no pattern");
    l->token.kind = TOKEN_SIGN;
    l->token.text = slice_sub(l->text, l->at, n);
    l->at += n;
    return 0;
}

int
lexer_next(struct lexer *l)
{
    int r = pass_space(l);
    char c = peek(l, 0);

    l->token = (struct token){TOKEN_END, {"", 0}, l->at};
    if (r < 0 || l->at >= l->text.len)
        return r;
    if (peek(l, 1) == '\'' && (c == 'h' || c == 'b' || c == 't')) {
        l->at += 2;
        return take_quoted(l, c == 'h' ? TOKEN_HEX : c == 'b' ? TOKEN_BINARY : TOKEN_TIME);
    }
    if (c == '\'') {
        l->at++;
        return take_quoted(l, TOKEN_STRING);
    }
    if (is_letter(c)) {
        take_word(l);
        return 0;
    }
    if (is_digit(c) || c == '+' || c == '-' || (c == '.' && is_digit(peek(l, 1))))
        return take_number(l);
    return take_sign(l);
}
