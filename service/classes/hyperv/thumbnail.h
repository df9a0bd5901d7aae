/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pictures of screens as Hyper-V has them: RGB565, little-endian, in base64.
 */
#ifndef CIMSNAPD_CLASSES_THUMBNAIL_H
#define CIMSNAPD_CLASSES_THUMBNAIL_H

#include "base/arena.h"
#include "core/model.h"

enum { THUMBNAIL_SIDE_MOST = 4096 };

/* The picture in so many points (1 to THUMBNAIL_SIDE_MOST each way); NULL without memory. */
const char *thumbnail_text(const struct picture *picture, unsigned width, unsigned height,
                           struct arena *arena);

#endif
