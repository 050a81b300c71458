# Prints the notes labelled "/*G:010" to "*/", with the file each is from, ordered by number.
# A label that occurs twice is an error.
match($0, "^/\\*" part ":[0-9]+") {
	label = substr($0, 3, RLENGTH - 2)
	if (label in text) {
		print FILENAME ": " label " again, see " from[label] > "/dev/stderr"
		bad = 1
	}
	from[label] = FILENAME
	text[label] = ""
	inside = 1
	next
}
inside && /\*\// { inside = 0 }
inside { sub(/^ \* ?/, ""); text[label] = text[label] $0 "\n" }
END {
	n = 0
	for (label in text)
		labels[++n] = label
	for (i = 1; i < n; i++)
		for (j = i + 1; j <= n; j++)
			if (labels[j] < labels[i]) { t = labels[i]; labels[i] = labels[j]; labels[j] = t }
	for (i = 1; i <= n; i++)
		printf "[%s] %s\n\n%s\n", labels[i], from[labels[i]], text[labels[i]]
	exit bad
}
