package commbox_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"mime/multipart"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
	"github.com/commbox-go/client/gen"
)

// The Examples use a CommBox server on loopback. A program that uses the real one
// leaves out every line with server; the default is https://api.commbox.io/.

// Upload a file and print its media ID.
func Example() {
	server := commboxtest.NewServer()
	defer server.Close()
	_ = os.Setenv("COMMBOX_API_KEY", server.Key())
	defer func() { _ = os.Unsetenv("COMMBOX_API_KEY") }()

	client, err := commbox.New(commbox.APIKeyEnv("COMMBOX_API_KEY"), commbox.WithBaseURL(server.URL))
	if err != nil {
		log.Fatal(err)
	}
	media, err := client.UploadMedia(context.Background(), "hNyRN_fLUy7rrOrN9jLpipA%3d%3d",
		commbox.FromPath("cmd/commbox/samples/offer.pdf"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(media.ID, media.Filename, media.ContentType)
	// Output: 257250616863051 offer.pdf application/pdf
}

// In a container the key is in a file, and the address of a staging system is in an
// environment variable.
func ExampleNewFromEnv() {
	server := commboxtest.NewServer()
	defer server.Close()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	secret := filepath.Join(dir, "commbox")
	_ = os.WriteFile(secret, []byte(server.Key()+"\n"), 0o600)
	_ = os.Setenv("COMMBOX_API_KEY_FILE", secret)
	_ = os.Setenv("COMMBOX_BASE_URL", server.URL)
	defer func() {
		_ = os.Unsetenv("COMMBOX_API_KEY_FILE")
		_ = os.Unsetenv("COMMBOX_BASE_URL")
	}()

	client, err := commbox.NewFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	media, err := client.UploadMedia(context.Background(), "stream", commbox.FromBytes("offer.pdf", []byte("%PDF-1.7")))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(media.ID)
	// Output: 257250616863051
}

// A sequence of files becomes a sequence of results. A file that fails does not
// stop the others. Leaving the loop stops all uploads.
func ExampleClient_UploadAll() {
	server := commboxtest.NewServer()
	defer server.Close()
	client := server.Client()

	folder := fstest.MapFS{ // os.DirFS("offers") in a program
		"january.pdf":  {Data: []byte("%PDF-1.7 January")},
		"february.pdf": {Data: []byte("%PDF-1.7 February")},
		"march.pdf":    {}, // WhatsApp accepts no empty file
	}
	names := []string{"january.pdf", "february.pdf", "march.pdf", "april.pdf"}
	files := func(yield func(commbox.File) bool) {
		for _, name := range names {
			if !yield(commbox.FromFS(folder, name)) {
				return
			}
		}
	}
	for result := range client.UploadAll(context.Background(), "stream", files, 4) {
		switch {
		case result.Err == nil:
			fmt.Println(names[result.Index], "uploaded,", result.Media.Size, "bytes")
		case errors.Is(result.Err, os.ErrNotExist):
			fmt.Println(names[result.Index], "is not there")
		case errors.Is(result.Err, commbox.ErrInvalidInput):
			fmt.Println(names[result.Index], "cannot be uploaded")
		}
	}
	// Unordered output:
	// january.pdf uploaded, 16 bytes
	// february.pdf uploaded, 17 bytes
	// march.pdf cannot be uploaded
	// april.pdf is not there
}

// An upload from a reader can be tried again if the reader can seek to its
// beginning.
func ExampleFromReader() {
	server := commboxtest.NewServer()
	defer server.Close()
	client := server.Client()
	ctx := context.Background()

	server.Fail(commboxtest.Status(503, commboxtest.Header("Retry-After", "0")))
	media, err := client.UploadMedia(ctx, "stream", commbox.FromReader("offer.pdf", strings.NewReader("%PDF-1.7")))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("attempts:", media.Attempts)

	// The body of an answer, a pipe or standard input can be read only once.
	stream := io.MultiReader(strings.NewReader("%PDF-1.7"), strings.NewReader(strings.Repeat("x", 1<<20)))
	server.Fail(commboxtest.Status(503, commboxtest.Header("Retry-After", "0")))
	_, err = client.UploadMedia(ctx, "stream", commbox.FromReader("offer.pdf", stream))
	fmt.Println("sent once only:", errors.Is(err, commbox.ErrNotReplayable))
	// Output:
	// attempts: 2
	// sent once only: true
}

// A secret manager replaces the file while the program runs. CommBox then refuses
// the old key.
func ExampleAPIKeyFile() {
	server := commboxtest.NewServer(commboxtest.WithKey("key-of-january"))
	defer server.Close()
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	secret := filepath.Join(dir, "commbox") // such as /run/secrets/commbox
	_ = os.WriteFile(secret, []byte("key-of-january\n"), 0o600)

	client, err := commbox.New(commbox.APIKeyFile(secret), commbox.WithBaseURL(server.URL))
	if err != nil {
		log.Fatal(err)
	}
	upload := func() {
		media, err := client.UploadMedia(context.Background(), "stream", commbox.FromBytes("offer.pdf", []byte("%PDF-1.7")))
		switch {
		case errors.Is(err, commbox.ErrUnauthorized):
			fmt.Println("the key is refused")
		case err != nil:
			fmt.Println(err)
		default:
			fmt.Println("uploaded", media.ID)
		}
	}
	upload()

	server.SetKey("key-of-february")
	upload()

	_ = os.WriteFile(secret, []byte("key-of-february\n"), 0o600)
	upload()
	// Output:
	// uploaded 257250616863051
	// the key is refused
	// uploaded 257250616863052
}

// Every operation of CommBox's document can be called, with the same
// authentication, retries, limits and errors. A POST is tried again only if CommBox
// cannot have processed it, or if the caller declares it RepeatSafe.
func ExampleClient_API() {
	server := commboxtest.NewServer()
	defer server.Close()
	client := server.Client()

	var form bytes.Buffer
	parts := multipart.NewWriter(&form)
	part, err := parts.CreatePart(map[string][]string{
		"Content-Disposition": {`form-data; name="pic"; filename="offer.pdf"`},
		"Content-Type":        {"application/pdf"},
	})
	if err != nil {
		log.Fatal(err)
	}
	_, _ = io.WriteString(part, "%PDF-1.7")
	_ = parts.Close()

	// The type of the response is generated too: one field for each status.
	var resp *gen.UploadMediaResponse
	resp, err = client.API().UploadMediaWithBodyWithResponse(context.Background(),
		"stream", parts.FormDataContentType(), &form,
		commbox.RepeatSafe(), commbox.Header("X-Request-ID", "4711"))
	if err != nil {
		log.Fatal(err) // an *Error, as from UploadMedia
	}
	fmt.Println(resp.StatusCode(), resp.JSON200.Data[0].ID)
	// Output: 200 257250616863051
}
