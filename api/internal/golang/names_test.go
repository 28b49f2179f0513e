package golang

import (
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestWords(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"ENCRYPTED_STREAM_ID": "EncryptedStreamID", "contactId": "ContactID", "userIDs": "UserIDs", "sub_stream_id": "SubStreamID",
		"useridentityid": "UserIdentityID", "phone-number": "PhoneNumber", "first name": "FirstName", "@class": "Class", "2fa": "2fa",
		"HTTPServerURL": "HTTPServerURL", "sendSMS": "SendSMS", "POST_contact": "PostContact", "get_user.by-identity": "GetUserByIdentity",
		"JUMPTONODE": "JumpToNode", "filename": "Filename", "username": "Username", "online": "Online", "notification": "Notification",
		"together": "Together", "isopen": "IsOpen", "templatename": "TemplateName", "xyzzyworkflowid": "Xyzzyworkflowid", "": "", "_": "", "שם": "",
	} {
		if got := exported(words(name)); got != want {
			t.Errorf("%q is %q, want %q", name, got, want)
		}
	}
}

func TestSingular(t *testing.T) {
	t.Parallel()
	for many, one := range map[string]string{
		"users": "user", "identities": "identity", "Childs": "Child", "children": "child", "addresses": "address", "boxes": "box", "branches": "branch",
		"status": "status", "statuses": "status", "address": "address", "data": "data", "IDs": "ID", "news": "news", "analysis": "analysis",
	} {
		if got := singular("all" + many); got != "all"+one {
			t.Errorf("%q is %q, want %q", many, got, one)
		}
	}
}

func TestOperationNames(t *testing.T) {
	t.Parallel()
	for _, test := range [][]string{ // method, path, operationId, summary, name
		{"POST", "/whatsapp/uploadmedia/{ID}", "Upload_A_File_And_Get_Id_For_Uploaded_File", "", "UploadWhatsappMedia"},
		{"GET", "/streams/{ID}/dossiers", "Get_Dossiers_Of_A_Stream", "", "GetDossiersOfAStream"},
		{"GET", "/objects/{ID}", "JUMPTONODE", "Jumps to a node", "JumpToNode"},
		{"GET", "/objects/{ID}", "XQZWYV", "", "GetObject"},
		{"DELETE", "/objects/{ID}/indicators/{I}", "Delete", "", "DeleteObjectIndicator"},
		{"DELETE", "/objects/{ID}/indicators/{I}", "DELETE", "", "DeleteObjectIndicator"},
		{"POST", "/objects/{ID}", "Update", "", "UpdateObject"},
		{"GET", "/objects/{ID}/indicators", "", "", "GetObjectIndicators"},
		{"GET", "/v2/streams/{ID}/templates", "", "", "GetV2StreamTemplates"},
		{"GET", "/api/users/me", "me", "", "GetUsersMe"},
		{"POST", "/contacts/{ID}/merge", "MERGE", "", "MergeContact"},
		{"GET", "/orders/{ID}/transfer", "Transfer", "", "TransferOrder"},
		{"GET", "/campaigns/{ID}/report", "Report", "", "GetCampaignReport"},
		{"PUT", "/campaigns/{ID}/steps/{S}", "GetStep", "", "PutCampaignStep"},
		{"GET", "/managers", "Returns a list of managers", "", "GetManagers"},
		{"GET", "/managers", "Returns_A_List", "", "GetManagers"},
		{"GET", "/manager/all", "Get Managers!", "", "GetManagers"},
		{"GET", "/managers", "getmanagerlist", "", "GetManagerList"},
		{"POST", "/managers", "create-manager", "", "CreateManager"},
		{"PATCH", "/tickets/{ID}", "Update_An_Open_Ticket_Or_Reopen_A_Closed_One", "", "PatchTicket"},
	} {
		op := operation{&openapi3.Operation{OperationID: test[2], Summary: test[3]}, test[0], test[1]}
		if got := operationName(op); got != test[4] {
			t.Errorf("%s is %s, want %s", strings.Join(test[:3], " "), got, test[4])
		}
	}
}
