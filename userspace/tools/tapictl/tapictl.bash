# SPDX-License-Identifier: GPL-2.0-or-later
# bash completion for tapictl

# Lines by name, of the service that the options on the command line name
_tapictl_lines() {
	local line
	while IFS= read -r line; do
		line=${line#line.name=}
		[[ $line == "$cur"* ]] && COMPREPLY+=("$(printf '%q' "$line")")
	done < <(tapictl "${at[@]}" -K line list 2>/dev/null | grep '^line\.name=')
	for line in /dev/tapi/card*-line*; do
		[[ $cur == /* && -e $line && $line == "$cur"* ]] && COMPREPLY+=("$line")
	done
}

_tapictl_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$cur")
}

# Words of the command line without options and what belongs to them: object, verb, arguments
_tapictl_split() {
	local i word
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		-s | --socket | --admin-socket)
			# "--option=value" is three words
			[[ ${COMP_WORDS[i + 1]-} == = ]] && ((i++))
			((i++))
			[[ $word == -s ]] && word=--socket
			at+=("$word" "${COMP_WORDS[i]-}")
			;;
		-o | --output | --timeout | --call | --from | --to)
			[[ ${COMP_WORDS[i + 1]-} == = ]] && ((i++))
			((i++))
			;;
		-*) ;;
		*) words+=("$word") ;;
		esac
	done
}

_tapictl_argument() {
	case "${words[0]} ${words[1]-}" in
	'line show' | 'call make' | 'call answer' | 'call drop' | 'call digits')
		((${#words[@]} == 2)) && _tapictl_lines
		;;
	monitor*) _tapictl_lines ;;
	'provider restart')
		((${#words[@]} == 2)) && _tapictl_words "$(tapictl "${at[@]}" -K provider list \
			2>/dev/null | sed -n 's/^provider\.name=//p')"
		;;
	trace*) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
	esac
}

_tapictl() {
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} at=() words=()
	if [[ $cur == = ]]; then
		cur=
	elif [[ $prev == = ]]; then
		prev=${COMP_WORDS[COMP_CWORD - 2]}
	fi
	case $prev in
	-s | --socket | --admin-socket | -o | --output)
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
		;;
	--timeout | --call | --from | --to) return ;;
	esac
	_tapictl_split
	if [[ $cur == -* ]]; then
		_tapictl_words '--socket --admin-socket --json-output --key-value --help --version
			--wait --timeout --call --output --text --json --from --to'
		return
	fi
	case ${#words[@]} in
	0) _tapictl_words 'status line call monitor provider client reload trace explain' ;;
	1)
		case ${words[0]} in
		line) _tapictl_words 'list show' ;;
		call) _tapictl_words 'make answer drop digits' ;;
		provider) _tapictl_words 'list restart' ;;
		client) _tapictl_words 'list' ;;
		*) _tapictl_argument ;;
		esac
		;;
	*) _tapictl_argument ;;
	esac
}
complete -F _tapictl tapictl
