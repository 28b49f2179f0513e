package document

import "strings"

// The grammar of OpenAPI 3.0, and of what 3.1 adds: for every kind of object
// its fields and what they hold. "[]x" is a list of x, "{}x" a map to x,
// "any" is free JSON that is not looked into, and "a|b" is either. The key
// "*" stands for all other keys.
type kind = string

const (
	anyKind     kind = "any"
	schemaKind  kind = "schema"
	mappingKind kind = "{}string"
)

var grammar = map[kind]map[string]kind{
	"document": {
		"openapi": "string", "info": "info", "servers": "[]server", "paths": "paths", "components": "components",
		"security": "[]security", "tags": "[]tag", "externalDocs": "externalDocs",
	},
	"info": {
		"title": "string", "description": "string", "termsOfService": "string", "contact": "contact",
		"license": "license", "version": "string",
	},
	"contact":        {"name": "string", "url": "string", "email": "string"},
	"license":        {"name": "string", "url": "string"},
	"server":         {"url": "string", "description": "string", "variables": "{}serverVariable"},
	"serverVariable": {"enum": "[]string", "default": "string", "description": "string"},
	"components": {
		"schemas": "{}schema", "responses": "{}response", "parameters": "{}parameter", "examples": "{}example",
		"requestBodies": "{}requestBody", "headers": "{}header", "securitySchemes": "{}securityScheme",
		"links": "{}link", "callbacks": "{}callback",
	},
	"paths": {"*": "pathItem"},
	"pathItem": {
		"$ref": "string", "summary": "string", "description": "string", "get": "operation", "put": "operation",
		"post": "operation", "delete": "operation", "options": "operation", "head": "operation", "patch": "operation",
		"trace": "operation", "servers": "[]server", "parameters": "[]parameter",
	},
	"operation": {
		"tags": "[]string", "summary": "string", "description": "string", "externalDocs": "externalDocs",
		"operationId": "string", "parameters": "[]parameter", "requestBody": "requestBody", "responses": "responses",
		"callbacks": "{}callback", "deprecated": "boolean", "security": "[]security", "servers": "[]server",
	},
	"security":     {"*": "[]string"},
	"externalDocs": {"description": "string", "url": "string"},
	"parameter": {
		"name": "string", "in": "string", "description": "string", "required": "boolean", "deprecated": "boolean",
		"allowEmptyValue": "boolean", "style": "string", "explode": "boolean", "allowReserved": "boolean",
		"schema": "schema", "example": "any", "examples": "{}example", "content": "{}mediaType",
	},
	"header": {
		"description": "string", "required": "boolean", "deprecated": "boolean", "allowEmptyValue": "boolean",
		"style": "string", "explode": "boolean", "allowReserved": "boolean", "schema": "schema", "example": "any",
		"examples": "{}example", "content": "{}mediaType",
	},
	"requestBody": {"description": "string", "content": "{}mediaType", "required": "boolean"},
	"mediaType":   {"schema": "schema", "example": "any", "examples": "{}example", "encoding": "{}encoding"},
	"encoding": {
		"contentType": "string", "headers": "{}header", "style": "string", "explode": "boolean",
		"allowReserved": "boolean",
	},
	"responses": {"*": "response"},
	"response": {
		"description": "string", "headers": "{}header", "content": "{}mediaType", "links": "{}link",
	},
	"callback": {"*": "pathItem"},
	"example":  {"summary": "string", "description": "string", "value": "any", "externalValue": "string"},
	"link": {
		"operationRef": "string", "operationId": "string", "parameters": "{}any", "requestBody": "any",
		"description": "string", "server": "server",
	},
	"tag": {"name": "string", "description": "string", "externalDocs": "externalDocs"},
	"schema": {
		"title": "string", "multipleOf": "number", "maximum": "number", "exclusiveMaximum": "boolean",
		"minimum": "number", "exclusiveMinimum": "boolean", "maxLength": "integer", "minLength": "integer",
		"pattern": "string", "maxItems": "integer", "minItems": "integer", "uniqueItems": "boolean",
		"maxProperties": "integer", "minProperties": "integer", "required": "[]string", "enum": "[]any",
		"type": "string", "allOf": "[]schema", "oneOf": "[]schema", "anyOf": "[]schema", "not": "schema",
		"items": "schema", "properties": "{}schema", "additionalProperties": "schema|boolean",
		"description": "string", "format": "string", "default": "any", "nullable": "boolean",
		"discriminator": "discriminator", "readOnly": "boolean", "writeOnly": "boolean", "xml": "xml",
		"externalDocs": "externalDocs", "example": "any", "deprecated": "boolean",
	},
	"discriminator": {"propertyName": "string", "mapping": mappingKind},
	"xml": {
		"name": "string", "namespace": "string", "prefix": "string", "attribute": "boolean", "wrapped": "boolean",
	},
	"securityScheme": {
		"type": "string", "description": "string", "name": "string", "in": "string", "scheme": "string",
		"bearerFormat": "string", "flows": "flows", "openIdConnectUrl": "string",
	},
	"flows": {
		"implicit": "flow", "password": "flow", "clientCredentials": "flow", "authorizationCode": "flow",
	},
	"flow": {
		"authorizationUrl": "string", "tokenUrl": "string", "refreshUrl": "string", "scopes": "{}string",
	},
}

var grammar31 = map[kind]map[string]kind{
	"document":   {"jsonSchemaDialect": "string", "webhooks": "{}pathItem"},
	"info":       {"summary": "string"},
	"license":    {"identifier": "string"},
	"components": {"pathItems": "{}pathItem"},
	"schema": {
		"type": "string|[]string", "exclusiveMaximum": "number", "exclusiveMinimum": "number", "const": "any",
		"examples": "[]any", "prefixItems": "[]schema", "items": "schema|boolean", "contains": "schema|boolean",
		"minContains": "integer", "maxContains": "integer", "patternProperties": "{}schema",
		"propertyNames": "schema|boolean", "dependentSchemas": "{}schema", "dependentRequired": "{}any",
		"unevaluatedItems": "schema|boolean", "unevaluatedProperties": "schema|boolean", "if": "schema",
		"then": "schema", "else": "schema", "$defs": "{}schema", "$schema": "string", "$id": "string",
		"$anchor": "string", "$dynamicRef": "string", "$dynamicAnchor": "string", "$comment": "string",
		"contentEncoding": "string", "contentMediaType": "string", "contentSchema": "schema",
	},
}

// sections are the parts of components, and the kind of object each holds.
// Only these can be the target of a reference that is left in place.
var sections = map[kind]string{
	"schema": "schemas", "response": "responses", "parameter": "parameters", "example": "examples",
	"requestBody": "requestBodies", "header": "headers", "securityScheme": "securitySchemes", "link": "links",
	"callback": "callbacks",
}

// A version knows the grammar of one version of OpenAPI.
type version struct {
	is31 bool
}

// field returns what an object of a kind holds under a key, and false if it
// has no such key.
func (v version) field(in kind, key string) (kind, bool) {
	if element, ok := strings.CutPrefix(in, "{}"); ok {
		return element, true
	}
	if in == anyKind || strings.HasPrefix(key, "x-") {
		return anyKind, true
	}
	if v.is31 {
		if k, ok := grammar31[in][key]; ok {
			return k, true
		}
	}
	if k, ok := grammar[in][key]; ok {
		return k, true
	}
	k, ok := grammar[in]["*"]
	return k, ok
}

// kindAt returns the kind of what is at a pointer into a document.
func (v version) kindAt(pointer string) kind {
	k := "document"
	for _, key := range strings.Split(pointer, "/")[1:] {
		k, _ = v.field(k, unescaper.Replace(key))
	}
	return k
}

// isObject reports whether a kind has fields of its own.
func isObject(k kind) bool { return grammar[k] != nil }
