package commbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
)

// KeySource yields the API key for one attempt. It is asked before every
// attempt, and once more after a 401: if the key is another one by then, the
// attempt is repeated. It must be safe for concurrent use.
type KeySource interface {
	Key(ctx context.Context) (string, error)
}

// KeyFunc is a function as a KeySource.
type KeyFunc func(ctx context.Context) (string, error)

// Key calls f.
func (f KeyFunc) Key(ctx context.Context) (string, error) { return f(ctx) }

// ownKey is a source of this package: it does not wait for anybody. It is a
// closure, of which fmt prints an address, never the key.
type ownKey func() (string, error)

func (f ownKey) Key(context.Context) (string, error) { return f() }

// APIKey is a key that does not change.
func APIKey(key string) KeySource {
	return ownKey(func() (string, error) { return key, nil })
}

// APIKeyEnv reads the key from an environment variable, at every attempt.
func APIKeyEnv(name string) KeySource {
	return ownKey(func() (string, error) {
		key := strings.TrimSpace(os.Getenv(name))
		if key == "" {
			return "", fmt.Errorf("the environment variable %s is not set", name)
		}
		return key, nil
	})
}

// APIKeyFile reads the key from a file, at every attempt, so that a secret
// manager can replace the file while the program runs. White space around the
// key is ignored. While the file is missing or empty, as it can be for a moment
// when it is replaced, the last key that was read goes on being used: CommBox
// lets an old key work for a while.
func APIKeyFile(path string) KeySource {
	var (
		mu   sync.Mutex
		last string
	)
	return ownKey(func() (string, error) {
		data, err := os.ReadFile(path)
		key := strings.TrimSpace(string(data))
		mu.Lock()
		defer mu.Unlock()
		switch {
		case key != "":
			last = key
		case last != "":
		case err != nil:
			return "", err
		default:
			return "", fmt.Errorf("%s is empty", path)
		}
		return last, nil
	})
}

// checkKey refuses what cannot stand after "Bearer " in a header (RFC 6750,
// section 2.1). Its error does not contain the key.
func checkKey(key string) error {
	if key == "" {
		return errors.New("the API key is empty")
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] >= 0x7f {
			return errors.New("the API key contains a space or another character that a header cannot carry; give it without \"Bearer\"")
		}
	}
	return nil
}
