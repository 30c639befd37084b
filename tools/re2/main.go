// The command re2 prints what Go's regexp package says, as JSON.
//
//	re2 unicode    the classes of \p{…} and the letters that (?i) takes for one
//	re2 verdicts   reads a list of questions from standard input and answers each
//
// Both need the standard library alone: `go run tools/re2/main.go unicode`.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"regexp/syntax"
	"sort"
	"strings"
	"unicode"
)

type question struct {
	Pattern  string   `json:"pattern"`
	DotAll   bool     `json:"dot_all"`
	Texts    []string `json:"texts"`
	Template string   `json:"template"`
}

type answer struct {
	question
	Valid    bool        `json:"valid"`
	Groups   [][]*string `json:"groups"`   // for each text, its groups where the pattern matches all of it
	Found    []bool      `json:"found"`    // for each text, whether the pattern matches some of it
	Expanded []string    `json:"expanded"` // the template for each text that matches whole
}

func verdict(q question) answer {
	a := answer{question: q}
	flags := syntax.Perl
	if q.DotAll {
		flags |= syntax.DotNL
	}
	tree, err := syntax.Parse(q.Pattern, flags)
	if err != nil {
		return a
	}
	a.Valid = true
	// Printed from the tree, as Prometheus does: `\Qa` would swallow a parenthesis behind it.
	whole := regexp.MustCompile("^(?:" + tree.String() + ")$")
	some := regexp.MustCompile(tree.String())
	for _, text := range q.Texts {
		a.Found = append(a.Found, some.MatchString(text))
		match := whole.FindStringSubmatchIndex(text)
		if match == nil {
			a.Groups = append(a.Groups, nil)
			a.Expanded = append(a.Expanded, "")
			continue
		}
		groups := []*string{}
		for i := 2; i < len(match); i += 2 {
			if match[i] < 0 {
				groups = append(groups, nil)
			} else {
				group := text[match[i]:match[i+1]]
				groups = append(groups, &group)
			}
		}
		a.Groups = append(a.Groups, groups)
		a.Expanded = append(a.Expanded, string(whole.ExpandString(nil, q.Template, text, match)))
	}
	return a
}

// class gives \p{name} as the lengths of runs of code points that are outside, inside, outside, inside …, or nil where
// Go knows no such name.
func class(name string) []rune {
	tree, err := syntax.Parse(`\p{`+name+`}`, syntax.Perl)
	if err != nil {
		return nil
	}
	if tree.Op == syntax.OpAnyChar {
		return []rune{0, unicode.MaxRune + 1}
	}
	runs := []rune{}
	next := rune(0)
	for i := 0; i+1 < len(tree.Rune); i += 2 {
		runs = append(runs, tree.Rune[i]-next, tree.Rune[i+1]+1-tree.Rune[i])
		next = tree.Rune[i+1] + 1
	}
	return runs
}

// tables gives every class under each of its names in small letters, and the orbits of unicode.SimpleFold.
func tables() map[string]any {
	names := []string{"Any", "Assigned", "ASCII"}
	for name := range unicode.Categories {
		names = append(names, name)
	}
	for name := range unicode.Scripts {
		names = append(names, name)
	}
	for name := range unicode.CategoryAliases {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		return len(names[i]) < len(names[j]) || len(names[i]) == len(names[j]) && names[i] < names[j]
	})
	classes := map[string][]rune{}
	same := map[string]string{}
	aliases := map[string]string{}
	for _, name := range names {
		runs := class(name)
		if runs == nil { // Go 1.26 does not find its own scripts of two words
			continue
		}
		small := strings.ToLower(strings.ReplaceAll(name, "_", ""))
		printed := fmt.Sprint(runs)
		if known, ok := same[printed]; ok {
			aliases[small] = known
			continue
		}
		same[printed] = small
		classes[small] = runs
	}
	orbits := []string{}
	for r := rune(0); r <= unicode.MaxRune; r++ {
		orbit := []rune{r}
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			orbit = append(orbit, next)
			least = min(least, next)
		}
		if len(orbit) > 1 && least == r {
			orbits = append(orbits, string(orbit))
		}
	}
	return map[string]any{"version": unicode.Version, "classes": classes, "aliases": aliases, "orbits": orbits}
}

func main() {
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	switch strings.Join(os.Args[1:], " ") {
	case "unicode":
		encoder.Encode(tables())
	case "verdicts":
		var questions []question
		if err := json.NewDecoder(os.Stdin).Decode(&questions); err != nil {
			panic(err)
		}
		answers := []answer{}
		for _, q := range questions {
			answers = append(answers, verdict(q))
		}
		encoder.Encode(answers)
	default:
		fmt.Fprintln(os.Stderr, "usage: re2 unicode | re2 verdicts")
		os.Exit(2)
	}
}
