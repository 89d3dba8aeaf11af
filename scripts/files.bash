# Which files a gate looks at. Sourced by the scripts beside it.

# files [PATHSPEC…]: tracked and new files, ignored and deleted ones left out; symbolic links too. One a line.
files() {
    git ls-files --cached --others --exclude-standard -- "$@" | sort -u | while IFS= read -r file; do
        if [[ -f $file && ! -L $file ]]; then printf '%s\n' "$file"; fi
    done
}

# each COMMAND…: appends the names on standard input to the command; does nothing where there are none.
each() {
    local names=() name
    while IFS= read -r name; do names+=("$name"); done
    [[ ${#names[@]} -eq 0 ]] || "$@" "${names[@]}"
}
