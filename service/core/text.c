/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/text.h"

#include "base/strbuf.h"
#include "base/utf8.h"

#include <string.h>

static bool text_is_control(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0);
}

char *text_clean(const char *text, size_t most)
{
    struct strbuf out = STRBUF_INIT;
    size_t left = strlen(text);

    while (left && most--) {
        uint32_t code = 0;
        size_t n = utf8_next(text, left, &code);
        if (n && utf8_is_xml_char(code) && !text_is_control(code))
            strbuf_add(&out, text, n);
        else if (n && text_is_control(code))
            strbuf_puts(&out, " ");
        else
            strbuf_puts(&out, "\xEF\xBF\xBD");
        n = n ? n : 1;
        text += n;
        left -= n;
    }
    return strbuf_steal(&out);
}

/* True when every character passes: well-formed, fit for XML and, if asked, no control character.
 */
static bool text_passes(const char *text, bool controls)
{
    size_t left = strlen(text);

    while (left) {
        uint32_t code;
        size_t n = utf8_next(text, left, &code);
        if (!n || !utf8_is_xml_char(code) || (!controls && text_is_control(code)))
            return false;
        text += n;
        left -= n;
    }
    return true;
}

bool text_is_line(const char *text)
{
    return text_passes(text, false);
}

bool text_is_lines(const char *text)
{
    return text_passes(text, true);
}
