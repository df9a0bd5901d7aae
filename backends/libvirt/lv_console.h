/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Keyboard and screen of a machine.
 */
#ifndef CIMSNAPD_LV_CONSOLE_H
#define CIMSNAPD_LV_CONSOLE_H

#include "core/model.h"
#include "libvirt/lv_conn.h"

int lv_console_keys(struct lv_conn *conn, const struct guid *vm, const struct key_event *events,
                    size_t count, struct error *err);
int lv_console_picture(struct lv_conn *conn, const struct guid *vm, struct picture *out,
                       struct error *err);
/* Reads a portable pixmap of eight bits ("P6") or a PNG, as QEMU has them; what is none: ERR_NOT_SUPPORTED,
 * what lacks points: ERR_FAILED. */
int lv_console_read(const uint8_t *data, size_t len, struct picture *out, struct error *err);

#endif
