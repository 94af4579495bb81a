# shellcheck shell=bash
# A look at a screen over VNC.

# got FD N - what comes next, but not for ever.
got() { timeout 30 head -c "$2" <&"$1"; }
# be16 NUMBER… - as bytes, for printf.
be16() { printf '\\x%02x\\x%02x' $(for n in "$@"; do echo $((n >> 8)) $((n & 255)); done); }
# take FD N - bytes as decimal numbers.
take() { got "$1" "$2" | od -An -v -w"$2" -tu1; }

# vnc_screen PORT FILE - the screen as raw pixels of four bytes, by RFB 3.3 without password.
vnc_screen() {
	local fd b n width height left
	exec {fd}<>"/dev/tcp/127.0.0.1/$1"
	[[ $(got "$fd" 12) == "RFB 003."* ]] || return 1
	printf 'RFB 003.003\n' >&"$fd"
	read -ra b < <(take "$fd" 4)
	[[ ${b[*]} == "0 0 0 1" ]] || { echo "wants a password: ${b[*]}"; return 1; }
	printf '\x01' >&"$fd"
	read -ra b < <(take "$fd" 24)
	width=$((b[0] * 256 + b[1])) height=$((b[2] * 256 + b[3]))
	echo "screen of $width x $height, ${b[4]} bits a pixel"
	[[ ${b[4]} == 32 ]] || return 1
	got "$fd" $((b[22] * 256 + b[23])) >/dev/null
	# shellcheck disable=SC2059
	printf "\\x03\\x00$(be16 0 0 "$width" "$height")" >&"$fd"
	truncate -s 0 "$2"
	left=$((width * height))
	while ((left > 0)); do
		read -ra b < <(take "$fd" 4)
		[[ ${b[0]-} == 0 ]] || { echo "message ${b[*]}"; return 1; }
		for ((n = b[2] * 256 + b[3]; n > 0; n--)); do
			read -ra b < <(take "$fd" 12)
			# Only whole lines are understood: x 0, the full width, pixels as they are.
			[[ ${b[*]:0:2} == "0 0" && $((b[4] * 256 + b[5])) == "$width" && ${b[*]:8} == "0 0 0 0" ]] ||
				{ echo "rectangle ${b[*]}"; return 1; }
			left=$((left - width * (b[6] * 256 + b[7])))
			got "$fd" $((width * (b[6] * 256 + b[7]) * 4)) |
				dd of="$2" oflag=seek_bytes seek=$((width * 4 * (b[2] * 256 + b[3]))) conv=notrunc bs=4096 status=none
		done
	done
	exec {fd}>&-
}
