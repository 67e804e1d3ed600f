#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# checkpatch.pl --strict over the kernel's code and the contracts; kernel-doc over their comments.
. "$(dirname "$0")/../lib/env.sh"

# The checkers and their tables, unpacked once for each version of the package.
version=$(dpkg-query -W -f '${Version}' linux-source-6.1 2>/dev/null)
tool=$TAPI_SOURCE/build/checkpatch-${version:-none}
unpack() {
	mkdir -p "$tool.new"
	tar -xJf /usr/src/linux-source-6.1.tar.xz -C "$tool.new" --strip-components=2 \
		linux-source-6.1/scripts/{checkpatch.pl,spelling.txt,const_structs.checkpatch,kernel-doc} &&
		rm -rf "$tool" && mv "$tool.new" "$tool"
}
[ -x "$tool/kernel-doc" ] || tap_run "unpack checkpatch.pl" unpack

# checkpatch IGNORED_TYPES FILE...
checkpatch() {
	local ignore=$1
	shift
	perl "$tool/checkpatch.pl" --no-tree --strict --terse --show-types --no-summary \
		--max-line-length=100 ${ignore:+--ignore "$ignore"} -f "$@"
}

# compat.h is where version tests belong.
mapfile -t files < <(find kernel include/linux include/uapi Documentation/examples/echo-card -name '*.[ch]' ! -name compat.h | sort)

# The files that tests build for the host name the kernel's types themselves there; macros that give
# a literal text to extack must be macros, and evaluate a plain name twice.
tap_run "checkpatch of ${#files[@]} files" checkpatch PREFER_KERNEL_TYPES,MACRO_ARG_REUSE \
	"${files[@]}"
# Types that differ between versions get a name here, and members are named by a macro.
tap_run "checkpatch of compat.h" checkpatch \
	LINUX_VERSION_CODE,NEW_TYPEDEFS,CONSTANT_COMPARISON,MACRO_ARG_PRECEDENCE kernel/compat.h
# The names and typedefs are those of Windows, which checkpatch takes for variables; user space has no
# kernel types or macros.
mapfile -t files < <(find include/tapi include/tapi3 -name '*.h' | sort)
tap_run "checkpatch of ${#files[@]} user-space headers" checkpatch \
	CAMELCASE,NEW_TYPEDEFS,PREFER_KERNEL_TYPES,PREFER_DEFINED_ATTRIBUTE_MACRO,SPACING,LINE_SPACING "${files[@]}"
# A comment that does not fit its function, or leaves out a parameter, says so; so does an exported
# function without a word on when it may be called. Ends of enums need none.
kernel_doc() {
	local said file name
	said=$(perl "$tool/kernel-doc" -none "$@" 2>&1 | grep -vE '__TAPI_NL|^[0-9]+ warnings')
	for file; do
		while read -r name; do
			perl -0ne 'exit !m{/\*\*\n \* '"$name"'\(\)(?:(?!\*/).)*?\n \* Context: }s' "$file" ||
				said+=$'\n'"$file: $name() has no comment, or none with its context"
		done < <(sed -n 's/^EXPORT_SYMBOL_GPL(\(.*\));/\1/p' "$file")
	done
	echo "$said"
	[ -z "$said" ]
}
mapfile -t files < <(find kernel include/linux include/uapi Documentation/examples/echo-card -name '*.[ch]' | sort)
tap_run "kernel-doc of ${#files[@]} files" kernel_doc "${files[@]}"
tap_done
