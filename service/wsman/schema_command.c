/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "wsman/schema.h"

#include "base/version.h"
#include "cim/mof.h"
#include "wsman/names.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static void print_mof(struct strbuf *out, const char *name, const struct config *config)
{
    const char *ns = "";

    (void)config;
    strbuf_puts(out, "// Classes of cimsnapd " CIMSNAPD_VERSION ", made from its tables\n");
    for (size_t i = 0; cim_class_registry[i]; i++) {
        const struct cim_class *class = cim_class_registry[i];
        if (name && (strchr(name, ':') ? schema_find(name) != class : strcasecmp(name, class->name) != 0))
            continue;
        if (strcmp(ns, class->ns) != 0)
            strbuf_printf(out, "\n#pragma namespace (\"%s\")\n", class->ns);
        ns = class->ns;
        strbuf_puts(out, "\n");
        mof_write(out, class);
    }
}

static const char *const shared[][2] = {
    { "addressing", NS_A }, { "wsman", NS_W }, { "common", NS_CIM }
};

/* The namespace of a schema that all classes share, or NULL. */
static const char *shared_ns(const char *name)
{
    for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++)
        if (strcmp(name, shared[i][0]) == 0)
            return shared[i][1];
    return NULL;
}

static void print_xsd(struct strbuf *out, const char *name, const struct config *config)
{
    (void)config;
    if (schema_find(name))
        schema_class(out, schema_find(name), NULL);
    else
        schema_common(out, shared_ns(name));
}

static void print_wsdl(struct strbuf *out, const char *name, const struct config *config)
{
    char address[300];

    snprintf(address, sizeof(address), "https://localhost:%ld/wsman", config->listen_port);
    schema_wsdl(out, schema_find(name), address);
}

static const struct {
    const char *option;
    const char *name; /* of the class, where none is given */
    bool needs_name;
    void (*print)(struct strbuf *out, const char *name, const struct config *config);
} forms[] = {
    { "--mof", NULL, false, print_mof },
    { "--xsd", NULL, true, print_xsd },
    { "--wsdl", SCHEMA_SERVICE, true, print_wsdl },
};

static int usage(void)
{
    fprintf(stderr, "usage: cimsnapd schema --mof [CLASS]\n"
                    "       cimsnapd schema --wsdl [CLASS]     " SCHEMA_SERVICE " if none is named\n"
                    "       cimsnapd schema --xsd CLASS        or addressing, wsman, common\n"
                    "CLASS is a class's name, with NAMESPACE: before it where several have it.\n");
    return 2;
}

static int print(size_t form, const char *name, const struct config *config)
{
    struct strbuf out = STRBUF_INIT;
    int status = 1;

    forms[form].print(&out, name, config);
    if (strbuf_ok(&out) && fwrite(out.data, 1, out.len, stdout) == out.len && fflush(stdout) == 0)
        status = 0;
    strbuf_free(&out);
    return status;
}

int schema_command(int argc, char **argv, const struct config *config)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        const char *name = argc > 2 ? argv[2] : forms[i].name;
        if (argc < 2 || argc > 3 || strcmp(argv[1], forms[i].option) != 0 ||
            (forms[i].needs_name && !name))
            continue;
        if (!name || schema_find(name) || (forms[i].print == print_xsd && shared_ns(name)))
            return print(i, name, config);
        fprintf(stderr, "cimsnapd: there is no class '%.100s'\n", name);
        return 1;
    }
    return usage();
}
