package document_test

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/commbox-go/client/api/internal/document"
)

const mebibyte = 1 << 20

// hostile are inputs of 1 MiB that cost as much as possible.
func hostile() map[string]func() string {
	fill := func(head, body, tail string) func() string {
		return func() string {
			return head + strings.Repeat(body, (mebibyte-len(head)-len(tail))/len(body)) + tail
		}
	}
	numbered := func(head string, line func(i int) string, tail string) func() string {
		return func() string {
			var b strings.Builder
			b.WriteString(head)
			for i := 0; b.Len() < mebibyte-len(tail)-200; i++ {
				b.WriteString(line(i))
			}
			return b.String() + tail
		}
	}
	const start = `{"openapi": "3.0.3", "info": {"title": "T", "version": "1"}, "paths": {}, `
	ref := func(i int) string { return fmt.Sprintf(`{"$ref": "#/components/schemas/S%d/properties/a"}`, i) }
	return map[string]func() string{
		"a list of numbers.json":          fill(start+`"x-a": [`, "0,", "0]}"),
		"a list of numbers.yaml":          fill("openapi: 3.0.3\nx-a: [", "0,", "0]"),
		"sparse numbers.json":             fill(start+`"x-a": [`, "0,          ", "0]}"),
		"lines.yaml":                      fill("openapi: 3.0.3\nx-a:\n", "- a:\n", ""),
		"dashes.yaml":                     fill("openapi: 3.0.3\nx-a:\n", "- ", "a"),
		"rows of dashes.yaml":             fill("openapi: 3.0.3\nx-a:\n", strings.Repeat("- ", 100)+"a\n", ""),
		"brackets.json":                   fill(start+`"x-a": `, "[", ""),
		"brackets.yaml":                   fill("openapi: 3.0.3\nx-a: ", "[", ""),
		"braces.yaml":                     fill("openapi: 3.0.3\nx-a: ", "{a: ", ""),
		"a long string.json":              fill(start+`"x-a": "`, "a", `"}`),
		"escapes.json":                    fill(start+`"x-a": "`, `\u0000`, `"}`),
		"comments.yaml":                   fill("openapi: 3.0.3\n", "# a comment of some length to stay below the limit\n", ""),
		"a comment.yaml":                  fill("openapi: 3.0.3 # ", "a", ""),
		"a long key.yaml":                 fill("openapi: 3.0.3\n", "a", ": b"),
		"question marks.yaml":             fill("openapi: 3.0.3\nx-a:\n", "? ", ""),
		"quotes.yaml":                     fill("openapi: 3.0.3\nx-a: ", `"`, ""),
		"fences.md":                       fill("", "```\n", ""),
		"fences and a document.md":        fill("", "```\nopenapi: 3.0.3\n```\n", ""),
		"an open fence.md":                fill("```json\n{\"openapi\": \"3.0.3\", \"a\": \"", "a", ""),
		"openapi everywhere.md":           fill("```yaml\n", "openapi: 3.0.3\n", ""),
		"a billion laughs.yaml":           laughs,
		"aliases.yaml":                    fill("openapi: 3.0.3\nx-a: &a [b, c]\nx-b: [", "*a          ,", "b]"),
		"many components.json":            numbered(start+`"components": {"schemas": {`, func(i int) string { return fmt.Sprintf("\n   \"S%d\": {\"type\":    \"object\"},", i) }, `"T": {}}}}`),
		"a chain of references.json":      numbered(start+`"components": {"schemas": {`, func(i int) string { return fmt.Sprintf("\n\"S%d\": {\"$ref\": \"#/components/schemas/S%d\"},", i, i+1) }, `"T": {}}}}`),
		"references backwards.json":       numbered(start+`"components": {"schemas": {"S0": {},`, func(i int) string { return fmt.Sprintf("\n\"S%d\": {\"$ref\": \"#/components/schemas/S%d\"},", i+1, i) }, `"T": {}}}}`),
		"references into each other.json": numbered(start+`"components": {"schemas": {`, func(i int) string { return fmt.Sprintf("\n\"S%d\": {\"properties\": {\"a\": %s}},", i, ref(i+1)) }, `"T": {}}}}`),
		"references that double.json": numbered(start+`"components": {"schemas": {`, func(i int) string {
			return fmt.Sprintf("\n\"S%d\": {\"properties\": {\"a\": {\"allOf\": [%s, %s]}}},", i, ref(i+1), ref(i+1))
		}, `"T": {}}}}`),
		"references in a circle.json": numbered(start+`"components": {"schemas": {`, func(i int) string {
			return fmt.Sprintf("\n\"S%d\": {\"properties\": {\"a\": {\"properties\": {\"b\": %s, \"c\": %s}}}},", i, ref((i+1)%1000), ref(i%7))
		}, `"T": {}}}}`),
		"bad component names.json": numbered(start+`"components": {"schemas": {`, func(i int) string {
			return fmt.Sprintf("\n   \"S %s\": {\"type\":    \"object\"},", strings.Repeat("!", i%1000+1))
		}, `"T": {}}}}`),
		"stray keys.json":     numbered(start, func(i int) string { return fmt.Sprintf("\n   \"stray%d\":    \"a value\",", i) }, `"x-a": 1}`),
		"parameters.json":     numbered(start[:len(start)-5]+`{"/a": {"get": {"parameters": [`, func(i int) string { return fmt.Sprintf("\n {\"name\": \"a%d\", \"in\": \"path\"},", i) }, `{}]}}}}`),
		"an enumeration.json": numbered(start+`"components": {"schemas": {"A": {"type": "string", "enum": [`, func(i int) string { return fmt.Sprintf("\n      \"value number %d\",", i) }, `""]}}}}`),
	}
}

func laughs() string {
	var b strings.Builder
	b.WriteString("openapi: 3.0.3\nx-a0: &a0 [lol, lol]\n")
	for i := range 50 {
		fmt.Fprintf(&b, "x-a%d: &a%d [*a%d, *a%d, *a%d, *a%d]\n", i+1, i+1, i, i, i, i)
	}
	return b.String() + strings.Repeat("# comment to fill the file up\n", (mebibyte-b.Len())/30)
}

// No input of 1 MiB may need more than 64 MiB or more than some seconds.
func TestHostileInputs(t *testing.T) {
	overlay := document.Input{Name: "overlay.yaml", Data: []byte(harmlessOverlay)}
	for name, content := range hostile() {
		t.Run(name, func(t *testing.T) {
			in := document.Input{Name: name, Data: []byte(content())}
			runtime.GC()
			// Garbage counts only if it cannot be collected in time.
			defer debug.SetMemoryLimit(debug.SetMemoryLimit(int64(inUse()) + 40*mebibyte))
			peak := peakHeap()
			start := time.Now()
			_, _, problems := document.Normalise([]document.Input{in}, overlay)
			took, grown := time.Since(start), peak()
			outcome := "accepted"
			if len(problems) > 0 {
				outcome = fmt.Sprintf("%d problems, %.150s", len(problems), problems[0].Error())
			}
			t.Logf("%4d KiB: %v, %d MiB: %s", len(in.Data)>>10, took.Round(time.Millisecond), grown>>20, outcome)
			if grown > 64*mebibyte {
				t.Errorf("needs %d MiB", grown>>20)
			}
			if took > time.Minute {
				t.Errorf("takes %v", took)
			}
		})
	}
}

// inUse is all memory that the runtime has from the system and did not give back.
func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}, {Name: "/memory/classes/heap/free:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64() - sample[1].Value.Uint64() - sample[2].Value.Uint64()
}

// peakHeap watches the heap until the function that it returns is called,
// which gives how much it had grown at most.
func peakHeap() func() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	read := func() uint64 { metrics.Read(sample); return sample[0].Value.Uint64() }
	before := read()
	highest := before
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			highest = max(highest, read())
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 {
		close(stop)
		<-done
		return max(highest, read()) - before
	}
}
