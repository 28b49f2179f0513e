#!/bin/sh
# demo: draws demo.svg, a picture of what the command prints in a terminal. Needs nothing but Go.
cd "$(dirname "$0")" || exit
work=$(mktemp -d) && trap 'rm -r "$work"' EXIT
go build -o "$work/commbox" . || exit
mkdir "$work/offers" && cp samples/* "$work/offers" || exit
printf '\0\0\0\030ftypheic\0\0\0\0mif1heic' >"$work/offers/IMG_2041.jpg"
cd "$work" || exit
show() { printf '$ %s\n' "$*"; PATH=$work:$PATH "$@" 2>&1 | fold -s -w 98; }
{ show commbox upload --demo --quiet offers; } | awk '
	{ gsub(/&/, "\\&amp;"); gsub(/</, "\\&lt;"); gsub(/ /, "\302\240"); line[NR] = $0 }
	END {
		height = 64 + 21 * NR
		printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"830\" height=\"%d\" viewBox=\"0 0 830 %d\">\n", height, height
		print "<title>commbox uploads a folder, and refuses a HEIC that is named .jpg</title>"
		printf "<rect width=\"830\" height=\"%d\" rx=\"8\" fill=\"#161b22\"/>\n", height
		split("#ff5f56 #ffbd2e #27c93f", dot)
		for (i = 1; i <= 3; i++) printf "<circle cx=\"%d\" cy=\"20\" r=\"6\" fill=\"%s\"/>\n", 2 + 20 * i, dot[i]
		print "<g font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,monospace\" font-size=\"13\" fill=\"#c9d1d9\">"
		for (i = 1; i <= NR; i++) printf "<text x=\"20\" y=\"%d\"%s>%s</text>\n", 38 + 21 * i, line[i] ~ /^[$]/ ? " fill=\"#7ee787\"" : "", line[i]
		print "</g>\n</svg>"
	}' >"$OLDPWD/demo.svg"
