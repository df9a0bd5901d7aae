/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Identify (DSP0226 section 11). Who is not authenticated learns neither version nor security profiles
 * (MS-WSMV 3.1.4.1.23).
 */
#include "wsman/op.h"

#include "base/version.h"
#include "wsman/names.h"

#include <stdio.h>
#include <sys/utsname.h>

void identify_version(const struct config *config, struct strbuf *out)
{
    struct utsname host;
    unsigned major = 0, minor = 0, patch = 0;

    if (config->identify_version[0]) {
        strbuf_puts(out, config->identify_version);
        return;
    }
    if (uname(&host) == 0)
        sscanf(host.release, "%u.%u.%u", &major, &minor, &patch);
    strbuf_printf(out, "OS: %u.%u.%u SP: 0.0 Stack: 3.0 cimsnapd: " CIMSNAPD_VERSION, major, minor,
                  patch);
}

static void security_profiles(struct strbuf *out, const char *const *profiles)
{
    strbuf_puts(out, "<wsmid:SecurityProfiles>");
    for (; *profiles; profiles++)
        strbuf_printf(out, "<wsmid:SecurityProfileName>%s</wsmid:SecurityProfileName>", *profiles);
    strbuf_puts(out, "</wsmid:SecurityProfiles>");
}

int op_identify(struct op *op)
{
    const struct config *config = op->wsman->config;
    struct strbuf *out = &op->reply->body;

    strbuf_puts(out, "<wsmid:IdentifyResponse xmlns:wsmid=\"" NS_WSMID "\">"
                     "<wsmid:ProtocolVersion>" NS_W "</wsmid:ProtocolVersion>"
                     "<wsmid:ProductVendor>");
    strbuf_xml(out, config->identify_vendor);
    strbuf_puts(out, "</wsmid:ProductVendor><wsmid:ProductVersion>");
    if (op->in->anonymous)
        strbuf_puts(out, "OS: 0.0.0 SP: 0.0 Stack: 3.0");
    else
        strbuf_xml(out, strbuf_str(&op->wsman->version));
    strbuf_puts(out, "</wsmid:ProductVersion>");
    if (!op->in->anonymous && op->in->profiles)
        security_profiles(out, op->in->profiles);
    strbuf_puts(out, "</wsmid:IdentifyResponse>");
    return 0;
}
