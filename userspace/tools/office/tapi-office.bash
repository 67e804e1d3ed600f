# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for tapi-office

_tapi_office() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} line
	# "--option=value" is three words
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $prev in
	-l | --law)
		mapfile -t COMPREPLY < <(compgen -W 'auto linear mu a' -- "$cur")
		return
		;;
	-d | --digits)
		mapfile -t COMPREPLY < <(compgen -W 'auto line sound both' -- "$cur")
		return
		;;
	-c | --control)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	-b | --buffer | --first-digit | --digit-pause | --disconnect | --no-answer)
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W '--control= --keep --manual --law= --buffer= --digits=
			--first-digit= --digit-pause= --disconnect= --no-answer= --no-reversal --trace
			--help --version' -- "$cur")
		[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
		return
	fi
	for line in /dev/tapi/card*-line*; do
		[[ -e $line && $line == "$cur"* ]] && COMPREPLY+=("$line")
	done
}
complete -F _tapi_office tapi-office
