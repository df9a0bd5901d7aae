/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The inside of queries: wql_lex.c reads tokens, wql_parse.c makes a struct cim_query of them,
 * wql_check.c holds that against the classes, wql_eval.c decides whether an instance matches;
 * query.c runs it. Everything is in the arena.
 */
#ifndef CIMSNAPD_CIM_WQL_H
#define CIMSNAPD_CIM_WQL_H

#include "cim/query.h"

enum {
    WQL_MAX_LENGTH = 16 * 1024,
    WQL_MAX_DEPTH = 64, /* of parentheses and NOT */
    WQL_MAX_COLUMNS = 200,
    WQL_MAX_PATTERN = 256,  /* octets after LIKE: its work is the product with the text's length */
    WQL_MAX_CONDITIONS = 500, /* each is evaluated on each instance */
};

/* --- Tokens */

enum wql_token_type {
    WQL_END,
    WQL_WORD, /* keyword or name */
    WQL_STRING,
    WQL_NUMBER,
    WQL_PATH, /* {...} */
    WQL_SYMBOL,
};

struct wql_token {
    enum wql_token_type type;
    const char *text; /* without quotes or braces, unescaped */
    size_t at;        /* its first character, counted from 1 */
};

struct wql_lexer {
    const char *p;
    size_t at; /* the character at p */
    struct arena *arena;
    struct error *err;
};

/* Reads the next token; WQL_END at the end, again and again. -1 with ERR_BAD_FILTER. */
int wql_next(struct wql_lexer *lexer, struct wql_token *out);

/* --- Expressions */

enum wql_op {
    WQL_EQ,
    WQL_NE,
    WQL_LT,
    WQL_GT,
    WQL_LE,
    WQL_GE,
    WQL_LIKE,
    WQL_ISA,
    WQL_IS_NULL, /* of the left side; the right one is NULL */
    WQL_AND,     /* of all children */
    WQL_OR,
    WQL_NOT, /* of the one child */
};

enum wql_operand_type {
    OPERAND_NULL,
    OPERAND_NAME, /* property or system property */
    OPERAND_STRING,
    OPERAND_NUMBER,
    OPERAND_BOOLEAN,
};

struct wql_operand {
    enum wql_operand_type type;
    const char *text;
    size_t at;
};

struct wql_expr {
    enum wql_op op;
    struct wql_operand left, right; /* of a comparison */
    const struct wql_expr *first;   /* child of AND, OR, NOT */
    const struct wql_expr *next;    /* sibling */
};

enum wql_kind { WQL_SELECT, WQL_ASSOCIATORS, WQL_REFERENCES };

struct cim_query {
    enum wql_kind kind;
    const char *class; /* SELECT */
    const char **columns;
    size_t column_count;
    const struct wql_expr *where; /* NULL: everything */
    const struct cim_ref *object; /* the others */
    struct cim_associators wanted;
};

/* --- wql_value.c: values, and the kinds by which their texts are compared */

enum wql_value_kind {
    WQL_KIND_TEXT, /* without regard to case */
    WQL_KIND_INTEGER,
    WQL_KIND_BOOLEAN,
    WQL_KIND_TIME,
    WQL_KIND_INTERVAL,
    WQL_KIND_REFERENCE, /* compared by wql_eval.c itself */
};

/* Fills *out with the value of a property or system property (__CLASS, __PATH, ...); false when the
 * class of instance has none of that name. */
bool wql_value(const char *name, struct cim_call *call, const struct cim_instance *instance,
               struct cim_value *out);
bool wql_is_system(const char *name);
/* True for what stands for the instance itself, before ISA. */
bool wql_is_this(const struct wql_operand *operand);

const char *wql_kind_name(enum wql_value_kind kind);
/* True when text is a value of that kind. */
bool wql_kind_fits(enum wql_value_kind kind, const char *text);
/* *sign is that of a - b; -1 when one of them is no value of that kind. */
int wql_kind_compare(enum wql_value_kind kind, const char *a, const char *b, int *sign);
/* The kind of an operand; -1 for a name that class does not have. */
int wql_operand_kind(const struct wql_operand *operand, const struct cim_class *class);
/* How the two sides are compared: a property decides over a literal. -1 for an unknown name. */
int wql_comparison_kind(const struct wql_expr *expr, const struct cim_class *class);

/* --- wql_check.c, wql_eval.c, wql_like.c */

/* Checks the names and literals of `where` against the classes of ns that are `from` or derive from
 * it: 0, or -1 with ERR_BAD_FILTER. A name is known when one of them has it. */
int wql_check(const struct wql_expr *where, const char *ns, const char *from, struct error *err);
/* The same for one name that stands at no known place. */
int wql_check_name(const char *name, const char *ns, const char *from, struct error *err);
/* Where NULL matches everything. Takes nothing from the call's arena, as most instances may not
 * match; without memory the answer means nothing and that arena has failed. */
bool wql_matches(const struct wql_expr *where, struct cim_call *call,
                 const struct cim_instance *instance);
/* The literal that every match must have as value of property `name`, or NULL. */
const char *wql_required(const struct wql_expr *where, const char *name);

/* True when text matches the pattern of LIKE: % any text, _ one character, [a-z] and [^a] one of a
 * set; letters of ASCII in any case. Takes time of at most the product of both lengths. */
bool wql_like(const char *text, const char *pattern);

#endif
