# SPDX-License-Identifier: GPL-2.0-or-later
#
# gnuplot -e "results='results.csv'" pump.gnuplot: pump.svg and pump.png from the list of results.
set datafile separator ','
set logscale x 2
set xtics (1, 2, 8, 32, 110)
set yrange [0:*]
set xlabel 'lines with sound in both directions, periods of 20 ms'
set ylabel 'instructions per line and millisecond'
set key right top
set grid ytics
rows(name) = sprintf("< awk -F, '/^%s\\.[0-9]+,/ { sub(/.*\\./, \"\", $1); print $1 \",\" $2 \",\" $5 }' %s", name, results)
do for [format in 'svg png'] {
	if (format eq 'svg') { set terminal svg size 800,500 font 'DejaVu Sans,14' }
	if (format eq 'png') { set terminal png size 800,500 font 'DejaVu Sans,11' }
	set output 'pump.'.format
	plot rows('pump') using 1:2 with linespoints lw 2 pt 7 title 'kernel, tapi', \
	     '' using 1:3 with linespoints lw 2 pt 5 title 'kernel, snd-aloop', \
	     rows('pump_dahdi') using 1:3 with linespoints lw 2 pt 9 title 'kernel, DAHDI', \
	     rows('whole') using 1:2 with linespoints dt 2 pt 6 title 'with programs, tapi', \
	     '' using 1:3 with linespoints dt 2 pt 4 title 'with programs, snd-aloop', \
	     rows('whole_dahdi') using 1:3 with linespoints dt 2 pt 8 title 'with programs, DAHDI'
}
