/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cim/wql.h"

#include <string.h>
#include <strings.h>

struct parser {
    struct wql_lexer lexer;
    struct wql_token token; /* the one to be read next */
    struct arena *arena;
    struct error *err;
    unsigned depth, conditions;
    bool cql;
    const char *qualifier; /* what stands before the dot of a property in CQL, everywhere the same */
    const char *alias;     /* AS alias */
};

/* What WQL or its relatives know and this service does not: refused by name. */
static const char *const unsupported[] = {
    "WITHIN",
    "GROUP",
    "BY",
    "HAVING",
    "ORDER",
    "KEYSONLY",
    "BETWEEN",
    "IN",
    "DISTINCT",
    "TOP",
    "COUNT",
    "CLASSDEFSONLY",
    "SCHEMAONLY",
    "REQUIREDQUALIFIER",
    "REQUIREDASSOCQUALIFIER",
};

/* Never names of properties. */
static const char *const reserved[] = {
    "SELECT", "FROM", "WHERE", "AND", "OR", "NOT", "LIKE", "ISA", "IS",
};

static const struct {
    const char *symbol;
    enum wql_op op;
} comparisons[] = {
    { "=", WQL_EQ },  { "!=", WQL_NE }, { "<>", WQL_NE },     { "<", WQL_LT },    { ">", WQL_GT },
    { "<=", WQL_LE }, { ">=", WQL_GE }, { "LIKE", WQL_LIKE }, { "ISA", WQL_ISA },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool listed(const char *const *words, size_t count, const char *word)
{
    for (size_t i = 0; i < count; i++)
        if (!strcasecmp(words[i], word))
            return true;
    return false;
}

static int no_memory(struct parser *p)
{
    return error_set(p->err, ERR_NO_MEMORY, NULL);
}

/* Refuses the next token; `expected` tells what should stand there. */
static int unexpected(struct parser *p, const char *expected)
{
    const struct wql_token *token = &p->token;

    if (token->type == WQL_END)
        return error_set(p->err, ERR_BAD_FILTER,
                         "at character %zu: the query ends, but %s is expected", token->at,
                         expected);
    if (token->type == WQL_WORD && listed(unsupported, COUNT(unsupported), token->text))
        return error_set(p->err, ERR_BAD_FILTER, "at character %zu: %.50s is not supported",
                         token->at, token->text);
    return error_set(p->err, ERR_BAD_FILTER, "at character %zu: %s is expected, not %.50s",
                     token->at, expected, token->text);
}

/* At the dot of "class.property": the token becomes the property. */
static int qualify(struct parser *p)
{
    const struct wql_token before = p->token;

    if (wql_next(&p->lexer, &p->token) || wql_next(&p->lexer, &p->token))
        return -1;
    if (p->token.type != WQL_WORD && strcmp(p->token.text, "*") != 0)
        return unexpected(p, "a property name");
    if (p->qualifier && strcasecmp(p->qualifier, before.text))
        return error_set(p->err, ERR_BAD_FILTER, "at character %zu: %.50s is another class",
                         before.at, before.text);
    p->qualifier = before.text;
    return 0;
}

static int next(struct parser *p)
{
    if (wql_next(&p->lexer, &p->token))
        return -1;
    return p->cql && p->token.type == WQL_WORD && *p->lexer.p == '.' ? qualify(p) : 0;
}

/* True when the next token is this keyword or symbol. */
static bool at(const struct parser *p, const char *text)
{
    return (p->token.type == WQL_WORD || p->token.type == WQL_SYMBOL) &&
           !strcasecmp(p->token.text, text);
}

static int expect(struct parser *p, const char *text)
{
    return at(p, text) ? next(p) : unexpected(p, text);
}

static int parse_name(struct parser *p, const char *what, const char **out)
{
    if (p->token.type != WQL_WORD || listed(reserved, COUNT(reserved), p->token.text))
        return unexpected(p, what);
    *out = p->token.text;
    return next(p);
}

static struct wql_expr *new_expr(struct parser *p, enum wql_op op)
{
    struct wql_expr *expr = arena_alloc(p->arena, sizeof(*expr));

    if (expr)
        expr->op = op;
    else
        no_memory(p);
    return expr;
}

static struct wql_expr *negate(struct parser *p, const struct wql_expr *child)
{
    struct wql_expr *expr = child ? new_expr(p, WQL_NOT) : NULL;

    if (expr)
        expr->first = child;
    return expr;
}

static int parse_operand(struct parser *p, struct wql_operand *out)
{
    static const enum wql_operand_type types[] = {
        [WQL_WORD] = OPERAND_NAME,
        [WQL_STRING] = OPERAND_STRING,
        [WQL_NUMBER] = OPERAND_NUMBER,
    };
    const enum wql_token_type token = p->token.type;

    if ((token != WQL_WORD && token != WQL_STRING && token != WQL_NUMBER) ||
        (token == WQL_WORD && listed(reserved, COUNT(reserved), p->token.text)))
        return unexpected(p, "a property or literal");
    *out = (struct wql_operand){ types[token], p->token.text, p->token.at };
    if (at(p, "TRUE") || at(p, "FALSE"))
        out->type = OPERAND_BOOLEAN;
    else if (at(p, "NULL"))
        out->type = OPERAND_NULL;
    return next(p);
}

static struct wql_expr *null_test(struct parser *p, const struct wql_operand *operand, bool negated)
{
    struct wql_expr *expr = new_expr(p, WQL_IS_NULL);

    if (expr)
        expr->left = *operand;
    return negated ? negate(p, expr) : expr;
}

static struct wql_expr *parse_is(struct parser *p, const struct wql_operand *left)
{
    bool negated;

    if (next(p))
        return NULL;
    negated = at(p, "NOT");
    if ((negated && next(p)) || expect(p, "NULL"))
        return NULL;
    return null_test(p, left, negated);
}

/* The operator at the token, or -1. */
static int comparison_at(const struct parser *p)
{
    for (size_t i = 0; i < COUNT(comparisons); i++)
        if (at(p, comparisons[i].symbol))
            return (int)comparisons[i].op;
    return -1;
}

/* Reads the operator and sees that something fit for it follows. */
static int parse_operator(struct parser *p, enum wql_op *out, bool *negated)
{
    int op;

    *negated = at(p, "NOT");
    if (*negated && next(p))
        return -1;
    op = comparison_at(p);
    if (op < 0 || (*negated && op != WQL_LIKE))
        return unexpected(p, *negated ? "LIKE" : "an operator");
    if (op == WQL_LIKE && p->cql) /* its patterns are regular expressions there */
        return error_set(p->err, ERR_BAD_FILTER, "at character %zu: LIKE is not supported in CQL", p->token.at);
    if (next(p))
        return -1;
    if (op == WQL_LIKE && p->token.type != WQL_STRING)
        return unexpected(p, "a pattern in quotes");
    if (op == WQL_LIKE && strlen(p->token.text) > WQL_MAX_PATTERN)
        return error_set(p->err, ERR_BAD_FILTER, "at character %zu: the pattern is too long", p->token.at + 1);
    if (op == WQL_ISA && p->token.type != WQL_STRING && p->token.type != WQL_WORD)
        return unexpected(p, "a class name");
    *out = (enum wql_op)op;
    return 0;
}

static struct wql_expr *parse_comparison(struct parser *p)
{
    struct wql_operand left, right;
    struct wql_expr *expr;
    enum wql_op op = WQL_EQ;
    bool negated;

    if (p->conditions++ == WQL_MAX_CONDITIONS) {
        error_set(p->err, ERR_BAD_FILTER, "at character %zu: too many conditions", p->token.at);
        return NULL;
    }
    if (parse_operand(p, &left))
        return NULL;
    if (at(p, "IS"))
        return parse_is(p, &left);
    if (parse_operator(p, &op, &negated) || parse_operand(p, &right))
        return NULL;
    /* As WMI does, = NULL asks the same as IS NULL. */
    if ((op == WQL_EQ || op == WQL_NE) && right.type == OPERAND_NULL)
        return null_test(p, &left, op == WQL_NE);
    if ((op == WQL_EQ || op == WQL_NE) && left.type == OPERAND_NULL)
        return null_test(p, &right, op == WQL_NE);
    if (op == WQL_ISA)
        right.type = OPERAND_STRING; /* a class name, quoted or not */
    expr = new_expr(p, op);
    if (expr) {
        expr->left = left;
        expr->right = right;
    }
    return negated ? negate(p, expr) : expr;
}

static struct wql_expr *parse_list(struct parser *p, enum wql_op op);

static struct wql_expr *parse_term(struct parser *p)
{
    const bool negation = at(p, "NOT"), group = at(p, "(");
    struct wql_expr *expr;

    if (!negation && !group)
        return parse_comparison(p);
    if (p->depth == WQL_MAX_DEPTH) {
        error_set(p->err, ERR_BAD_FILTER, "at character %zu: nested too deeply", p->token.at);
        return NULL;
    }
    p->depth++;
    if (next(p))
        return NULL;
    expr = negation ? negate(p, parse_term(p)) : parse_list(p, WQL_OR);
    if (expr && group && expect(p, ")"))
        return NULL;
    p->depth--;
    return expr;
}

/* Terms joined by AND, or such lists joined by OR. A list of one is that one. */
static struct wql_expr *parse_list(struct parser *p, enum wql_op op)
{
    struct wql_expr *first = NULL, *last = NULL, *list;

    for (;;) {
        struct wql_expr *item = op == WQL_OR ? parse_list(p, WQL_AND) : parse_term(p);

        if (!item)
            return NULL;
        if (last)
            last->next = item;
        else
            first = item;
        last = item;
        if (!at(p, op == WQL_OR ? "OR" : "AND"))
            break;
        if (next(p))
            return NULL;
    }
    if (first == last)
        return first;
    list = new_expr(p, op);
    if (list)
        list->first = first;
    return list;
}

static int parse_columns(struct parser *p, struct cim_query *query)
{
    if (at(p, "*"))
        return next(p);
    query->columns = arena_alloc(p->arena, WQL_MAX_COLUMNS * sizeof(*query->columns));
    if (!query->columns)
        return no_memory(p);
    for (;;) {
        if (query->column_count == WQL_MAX_COLUMNS)
            return error_set(p->err, ERR_BAD_FILTER, "at character %zu: too many properties",
                             p->token.at);
        if (parse_name(p, "* or a property name", &query->columns[query->column_count]))
            return -1;
        query->column_count++;
        if (!at(p, ","))
            return 0;
        if (next(p))
            return -1;
    }
}

static int parse_select(struct parser *p, struct cim_query *query)
{
    if (parse_columns(p, query) || expect(p, "FROM"))
        return -1;
    if (at(p, "meta_class"))
        return error_set(p->err, ERR_BAD_FILTER,
                         "at character %zu: queries of %s are not supported", p->token.at,
                         p->token.text);
    if (parse_name(p, "a class name", &query->class))
        return -1;
    if (p->cql && at(p, "AS") && (next(p) || parse_name(p, "an alias", &p->alias)))
        return -1;
    if (!at(p, "WHERE"))
        return 0;
    if (next(p))
        return -1;
    query->where = parse_list(p, WQL_OR);
    return query->where ? 0 : -1;
}

/* Reads {path}; what is wrong inside is told as an error of the query. */
static int parse_object(struct parser *p, struct cim_query *query)
{
    struct error inner = { 0 };

    if (expect(p, "OF"))
        return -1;
    if (p->token.type != WQL_PATH)
        return unexpected(p, "an object path in braces");
    query->object = cim_ref_parse_path(p->token.text, p->arena, &inner);
    if (!query->object)
        return error_set(p->err, inner.code == ERR_NO_MEMORY ? ERR_NO_MEMORY : ERR_BAD_FILTER,
                         "at character %zu: %.400s", p->token.at, inner.message);
    return next(p);
}

/* WHERE and then "Keyword = Value" pairs, which no AND joins. */
static int parse_options(struct parser *p, struct cim_query *query)
{
    struct {
        const char *name;
        const char **value;
        bool of_references;
    } options[] = {
        { "AssocClass", &query->wanted.assoc_class, false },
        { "ResultClass", &query->wanted.result_class, true },
        { "Role", &query->wanted.role, true },
        { "ResultRole", &query->wanted.result_role, false },
    };

    if (!at(p, "WHERE"))
        return 0;
    if (next(p))
        return -1;
    do {
        size_t i = 0;

        while (i < COUNT(options) &&
               !(at(p, options[i].name) && !*options[i].value &&
                 (query->kind == WQL_ASSOCIATORS || options[i].of_references)))
            i++;
        if (i == COUNT(options))
            return unexpected(p, "another condition such as ResultClass = C");
        if (next(p) || expect(p, "=") || parse_name(p, "a name", options[i].value))
            return -1;
    } while (p->token.type != WQL_END);
    return 0;
}

static int parse_query(struct parser *p, struct cim_query *query)
{
    if (at(p, "SELECT"))
        return next(p) || parse_select(p, query) ? -1 : 0;
    if (p->cql)
        return unexpected(p, "SELECT");
    if (at(p, "ASSOCIATORS"))
        query->kind = WQL_ASSOCIATORS;
    else if (at(p, "REFERENCES"))
        query->kind = WQL_REFERENCES;
    else
        return unexpected(p, "SELECT, ASSOCIATORS OF or REFERENCES OF");
    return next(p) || parse_object(p, query) || parse_options(p, query) ? -1 : 0;
}

/* The name before the dots must be that of the class, or its alias. */
static int check_qualifier(struct parser *p, const struct cim_query *query)
{
    if (!p->qualifier || !strcasecmp(p->qualifier, p->alias ? p->alias : query->class))
        return 0;
    return error_set(p->err, ERR_BAD_FILTER, "%.50s is not the class of this query", p->qualifier);
}

static const struct cim_query *parse(struct parser *p, const char *text)
{
    struct cim_query *query = arena_alloc(p->arena, sizeof(*query));

    if (!query) {
        no_memory(p);
        return NULL;
    }
    if (strnlen(text, WQL_MAX_LENGTH + 1) > WQL_MAX_LENGTH) {
        error_set(p->err, ERR_BAD_FILTER, "at character %d: the query is too long",
                  WQL_MAX_LENGTH + 1);
        return NULL;
    }
    if (next(p) || parse_query(p, query) || check_qualifier(p, query))
        return NULL;
    if (p->token.type != WQL_END) {
        unexpected(p, "the end of the query");
        return NULL;
    }
    return query;
}

const struct cim_query *cim_query_parse(const char *text, struct arena *arena, struct error *err)
{
    struct parser p = { .lexer = { text, 1, arena, err }, .arena = arena, .err = err };

    return parse(&p, text);
}

const struct cim_query *cim_query_parse_cql(const char *text, struct arena *arena,
                                            struct error *err)
{
    struct parser p = { .lexer = { text, 1, arena, err }, .arena = arena, .err = err, .cql = true };

    return parse(&p, text);
}

const char *cim_query_class(const struct cim_query *query)
{
    return query->class;
}

size_t cim_query_columns(const struct cim_query *query, const char *const **names)
{
    *names = query->columns;
    return query->column_count;
}
