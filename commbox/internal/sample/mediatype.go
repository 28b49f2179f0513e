package sample

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Preferred returns the media type of c to use: JSON if there is one.
func Preferred(c openapi3.Content) string {
	types := slices.Sorted(maps.Keys(c))
	for _, t := range types {
		if IsJSON(Concrete(t)) {
			return t
		}
	}
	return types[0]
}

// Concrete returns a media type within a range such as */* or text/*.
func Concrete(mediaType string) string {
	switch mediaType {
	case "*/*", "application/*":
		return "application/json"
	case "text/*":
		return "text/plain"
	}
	return strings.Replace(mediaType, "/*", "/x-"+anyText, 1)
}

// IsJSON reports whether a media type is JSON.
func IsJSON(mediaType string) bool {
	mediaType, _, _ = strings.Cut(mediaType, ";")
	mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	return mediaType == "application/json" || mediaType == "text/json" || strings.HasSuffix(mediaType, "+json")
}

// IsBinary reports whether a schema describes a file (OpenAPI 3.0: format binary;
// 3.1: a content media type and no encoding).
func IsBinary(s *openapi3.Schema) bool {
	return s.Format == "binary" || s.ContentMediaType != "" && s.ContentEncoding == ""
}

// Simple writes a value in OpenAPI's style "simple".
func Simple(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = Simple(item)
		}
		return strings.Join(items, ",")
	}
	return string(Marshal(value))
}

// Marshal writes a value as JSON. Values that came from JSON cannot fail.
func Marshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic("sample: " + err.Error())
	}
	return data
}
