# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# Where what is slow to make is kept between checks, outside of the tree.

# Prints the directory of a kind of thing: the first that can be written of $TAPI_CACHE,
# /var/cache/tapi, $XDG_CACHE_HOME/tapi, ~/.cache/tapi. It is made by who fills it.
cache_dir() {
	local dir parent
	for dir in ${TAPI_CACHE:+"$TAPI_CACHE"} /var/cache/tapi \
		${XDG_CACHE_HOME:+"$XDG_CACHE_HOME/tapi"} ${HOME:+"$HOME/.cache/tapi"}; do
		parent=$dir
		while [ ! -e "$parent" ]; do
			parent=$(dirname "$parent")
		done
		if [ -d "$parent" ] && [ -w "$parent" ]; then
			echo "$dir/$1"
			return
		fi
	done
	return 1
}
