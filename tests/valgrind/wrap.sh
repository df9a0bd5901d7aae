#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# wrap.sh BUILD: puts into BUILD/valgrind the unit tests and the golden program of BUILD, each as a script
# that runs it under memcheck, so that tests/run.py --build BUILD/valgrind runs them so.
set -eu
build=$(realpath "$1")

rm -rf "$build/valgrind"
for program in "$build"/unit/test_* "$build"/golden/golden; do
    folder=$build/valgrind/$(basename "$(dirname "$program")")
    wrapper=$folder/$(basename "$program")
    mkdir -p "$folder"
    cat >"$wrapper" <<END
#!/bin/sh
exec valgrind -q --leak-check=full --error-exitcode=99 --num-callers=30 "$program" "\$@"
END
    chmod +x "$wrapper"
done
