# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for tapi-compliance

_tapi_compliance() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} line
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $prev in
	-o | --only)
		mapfile -t COMPREPLY < <(compgen -W "$(tapi-compliance --list 2>/dev/null |
			cut -d ' ' -f 1)" -- "$cur")
		return
		;;
	-e | --expected-failures)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	-t | --tolerance) return ;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--peer --all --only --expected-failures --tolerance
			--tap --json --list --help --version' -- "$cur")
		return
	fi
	for line in /dev/tapi/card*-line*; do
		[[ -e $line && $line == "$cur"* ]] && COMPREPLY+=("$line")
	done
}
complete -F _tapi_compliance tapi-compliance
