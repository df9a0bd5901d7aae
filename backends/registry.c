/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/backend.h"
#include "libvirt/libvirt_backend.h"
#include "memory/memory.h"

const struct backend_ops *const backend_registry[] = {
    &libvirt_backend_ops,
    &memory_ops,
    NULL,
};
