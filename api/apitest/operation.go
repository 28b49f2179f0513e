package apitest

import (
	"fmt"
	"regexp"
)

func (m *maker) operation(row []string) object {
	path, id, tag, summary, kind := row[1], row[2], row[3], row[4], row[5]
	parameters := []any{}
	for _, match := range regexp.MustCompile(`\{(\w+)\}`).FindAllStringSubmatch(path, -1) {
		parameters = append(parameters, m.pathParameter(match[1]))
	}
	if kind == "list" {
		parameters = append(parameters,
			object{"name": "limit", "in": "query", "schema": ref("parameters", "limit/schema")},
			object{"name": "from", "in": "query", "required": m.chance(2), "description": "First day", "schema": object{"type": "string", "format": pick(m, "date", "date-time", "")}},
			object{"name": "sort", "in": "query", "schema": object{"type": "string", "enum": []any{"asc", "desc"}}, "example": pick[any](m, "asc", "up", 1)},
			object{"name": "X-Trace", "in": "header", "schema": object{"type": "string"}})
	}
	o := object{"summary": summary, "tags": []any{tag}, "parameters": parameters, "responses": m.responses(kind)}
	o["description"] = summary + pick(m, ".", ". See the guide.", ". Needs a supervisor.") + m.text("", " Version 2.")
	if id != "" {
		o["operationId"] = id
	}
	if body := m.body(kind); body != nil {
		o["requestBody"] = object{"content": body, "required": m.chance(2)}
	}
	if m.chance(4) {
		o["security"] = []any{object{"jwtAuth": []any{}}}
	}
	if m.chance(4) {
		o["x-code-samples"] = []any{object{"lang": "curl", "source": "curl"}}
	}
	if m.chance(8) {
		o["sumary"] = "a key that nobody knows"
	}
	return o
}

func (m *maker) pathParameter(name string) object {
	return object{"name": name, "in": "path", "required": true, "description": m.text("The ID", "ID, as the console shows it"), "schema": ref("parameters", name+"/schema")}
}

// parameters are those that the whole document defines and the pages do not.
func (m *maker) parameters() object {
	all := object{"limit": object{"name": "limit", "in": "query", "schema": object{"type": "integer", "maximum": 200}}}
	for _, name := range []string{"TICKET_ID", "contactId", "STREAM_ID", "useridentityid", "ENCRYPTED_STREAM_ID", "name", "CAMPAIGN_ID", "step", "userId", "objectId", "indicatorId"} {
		schema := pick(m, object{"type": "string"}, object{"type": "integer", "format": "int64"}, object{"type": "integer"})
		description := name
		switch name {
		case "STREAM_ID":
			schema = object{"type": "integer", "format": "int64"}
			description = "ID of the channel. The encrypted stream ID may be used in its place."
		case "ENCRYPTED_STREAM_ID", "name":
			schema = object{"type": "string"}
		}
		all[name] = object{"name": name, "in": "path", "required": true, "description": description, "schema": schema}
	}
	return all
}

func (m *maker) body(kind string) object {
	switch kind {
	case "create", "update", "partial":
		schema := m.value(2)
		if m.chance(4) {
			schema = ref("schemas", "Contact")
		}
		return object{pick(m, "application/json", "application/json", "application/x-www-form-urlencoded"): object{"schema": schema}}
	case "multipart":
		return object{"multipart/form-data": object{"schema": object{"type": "object", "properties": object{
			"file": object{"type": "string", "format": "binary"},
			"note": object{"type": "string", "example": pick[any](m, "a note", 7)},
			"kind": object{"type": "integer"},
			"more": object{"type": "array", "items": object{"type": "string"}},
		}}}}
	}
	return nil
}

func (m *maker) responses(kind string) object {
	all := object{}
	data := m.value(3)
	if kind == "list" {
		data = object{"type": "array", "items": data}
	}
	switch kind {
	case "html":
		all["200"] = object{"description": "OK", "content": object{"text/html": object{"schema": object{"type": "string"}}}}
	case "bare":
		all[pick(m, "200", "204")] = object{"description": "OK"}
	case "none":
		all["200"] = m.answer("OK", nil)
	case "partial":
		all["200"], all["206"] = m.answer("OK", data), m.answer("Some failed", data)
	default:
		all[pick(m, "200", "200", "201")] = m.answer("OK", data)
	}
	for _, status := range []string{"400", "401", "404", "429", "500"} {
		text := m.text("Error "+status, "Error "+status+", see description")
		inline, shared, bare := m.answer(text, nil), m.chance(2), m.chance(4)
		switch {
		case m.whole || bare:
			all[status] = object{"description": text}
		case shared && status == "400":
			all[status] = object{"description": text, "content": object{"application/json": object{"schema": ref("schemas", "ErrorResponse")}}}
		default:
			all[status] = inline
		}
	}
	return all
}

// answer is CommBox's envelope, spelled out in every operation.
func (m *maker) answer(description string, data object) object {
	properties := object{
		"status":        object{"type": pick(m, "string", "integer"), "example": pick[any](m, 200, "200")},
		"description":   object{"type": "string", "example": pick[any](m, "Operation successful", nil)},
		"response_time": object{"type": "string", "example": "2024-08-06T07:51:52.2581942Z"},
	}
	if m.chance(2) {
		properties["response_time"].(object)["format"] = "date-time"
	}
	if data != nil {
		properties["data"] = data
	}
	return object{"description": description, "content": object{"application/json": object{"schema": object{"type": "object", "properties": properties}}}}
}

// upload is the operation that package commbox is made for.
func (m *maker) upload() {
	form := object{"type": "object", "properties": object{"pic": object{"type": "string", "format": "binary"}}}
	item := object{"type": "object", "properties": object{"filename": object{"type": "string"}, "id": object{"type": "string", "example": "257250616863050"}}}
	m.doc.Paths["/whatsapp/uploadmedia/{ENCRYPTED_STREAM_ID}"] = paths{"post": {
		"summary": "Returns a WhatsApp ID for an uploaded file", "operationId": "Upload_A_File_And_Get_Id_For_Uploaded_File", "tags": []any{"WhatsApp"},
		"parameters":  []any{m.pathParameter("ENCRYPTED_STREAM_ID")},
		"requestBody": object{"content": object{"multipart/form-data": object{"schema": form}}},
		"responses": object{
			"200": m.answer("OK", object{"type": "array", "items": item}),
			"400": object{"description": "Bad request"}, "401": object{"description": "Unauthorized"}, "404": object{"description": "Not found"},
			"429": object{"description": fmt.Sprint("Too many requests", m.text("", ""))}, "500": object{"description": "Server error"},
		},
	}}
}
