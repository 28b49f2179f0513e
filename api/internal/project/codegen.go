package project

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/commbox-go/client/api/internal/golang"
)

// compiled are the packages that have to build with a new client.
var compiled = []string{"./gen", "./commbox"}

// generate returns the client for a document. It is compiled before it is
// returned, in place of the present one, so that code that does not build
// never gets there.
func generate(ctx context.Context, root string, doc []byte) ([]byte, error) {
	dir, err := os.MkdirTemp("", "commbox-generate-")
	if err != nil {
		return nil, fmt.Errorf("%s: no room to generate it: %w", generated, err)
	}
	defer os.RemoveAll(dir)
	options, err := read(root, config)
	if err != nil {
		return nil, err
	}
	parsed, err := golang.ParseConfig(options.Data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", config, err)
	}
	client, err := golang.Generate(doc, parsed)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", effective, err)
	}
	output := filepath.Join(dir, "client.gen.go")
	if err := os.WriteFile(output, client, 0o600); err != nil {
		return nil, fmt.Errorf("%s: no room to generate it: %w", generated, err)
	}
	if err := compile(ctx, root, dir, output); err != nil {
		return nil, err
	}
	return client, nil
}

func compile(ctx context.Context, root, dir, output string) error {
	target, err := filepath.Abs(filepath.Join(root, filepath.FromSlash(generated)))
	if err != nil {
		return err
	}
	replace, err := json.Marshal(map[string]map[string]string{"Replace": {target: output}})
	if err != nil {
		return err
	}
	replacements := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(replacements, replace, 0o600); err != nil {
		return err
	}
	if err := run(ctx, root, append([]string{"go", "build", "-trimpath", "-overlay", replacements}, compiled...)...); err != nil {
		what := strings.ReplaceAll(err.Error(), filepath.Dir(output)+string(filepath.Separator), "gen/")
		return fmt.Errorf("%s: does not compile, or package commbox does not compile with it: %s\n"+
			"in %s, give what collides another name (x-go-name, x-go-type-name), and what package commbox uses the name that it had", generated, what, overlay)
	}
	return nil
}

// run executes a command in the root of the module; what it prints is in the
// error.
func run(ctx context.Context, root string, args ...string) error {
	var out bytes.Buffer
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, &out, &out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%w\n%s", err, strings.TrimSpace(out.String()))
	}
	return nil
}
