package commbox_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"

	"github.com/commbox-go/client/commbox"
	"github.com/commbox-go/client/commbox/commboxtest"
)

// The README shows these two; a test of the command compares them, and runs the
// program.

func Example_program() {
	client, err := commbox.NewFromEnv() // reads COMMBOX_API_KEY
	if err != nil {
		log.Fatal(err)
	}
	streamID := os.Getenv("COMMBOX_STREAM_ID")
	media, err := client.UploadMedia(context.Background(), streamID,
		commbox.FromPath("offer.pdf"))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(media.ID)
}

func Example_folder() {
	server := commboxtest.NewServer()
	defer server.Close()
	client, ctx, streamID := server.Client(), context.Background(), "stream"

	paths, err := filepath.Glob("cmd/commbox/samples/*.jpg")
	if err != nil {
		log.Fatal(err)
	}
	var files []commbox.File
	for _, path := range paths {
		files = append(files, commbox.FromPath(path))
	}
	for result := range client.UploadAll(ctx, streamID, slices.Values(files), 8) {
		if result.Err != nil {
			log.Printf("%s: %v", paths[result.Index], result.Err)
			continue
		}
		fmt.Println(paths[result.Index], result.Media.ID)
	}
	// Output: cmd/commbox/samples/photo.jpg 257250616863051
}
