"""Error names that Slack documents, method by method.

Names only, from the "Errors" sections of the pages under https://docs.slack.dev/reference/methods/, as of 2026-08.
``COMMON`` are the names that (nearly) every page lists.
"""

COMMON = frozenset(
    """access_denied accesslimited account_inactive deprecated_endpoint ekm_access_denied enterprise_is_restricted
    fatal_error internal_error invalid_arg_name invalid_arguments invalid_array_arg invalid_auth invalid_charset
    invalid_form_data invalid_post_type method_deprecated missing_post_type missing_scope no_permission
    not_allowed_token_type not_authed org_login_required ratelimited request_timeout service_unavailable
    team_access_not_granted team_added_to_org token_expired token_revoked two_factor_setup_required
    invalid_json json_not_object unknown_method""".split()
)

_POSTING = """channel_not_found duplicate_channel_not_found duplicate_message_not_found invalid_metadata_format
    invalid_metadata_schema is_archived message_limit_exceeded messages_tab_disabled metadata_must_be_sent_from_app
    metadata_too_large not_in_channel no_text rate_limited restricted_action restricted_action_non_threadable_channel
    restricted_action_read_only_channel restricted_action_thread_locked restricted_action_thread_only_channel
    slack_connect_canvas_sharing_blocked slack_connect_file_link_sharing_blocked slack_connect_lists_sharing_blocked
    team_not_found"""
_STREAMING = (
    f"{_POSTING} channel_type_not_supported invalid_blocks invalid_chunks msg_blocks_too_long msg_blocks_too_many"
)
_VIEWS = "duplicate_external_id view_too_large"
_TRIGGER = "exchanged_trigger_id expired_trigger_id invalid_trigger_id"

DOCUMENTED: dict[str, frozenset[str]] = {
    name: frozenset(errors.split())
    for name, errors in {
        "agents.sessions.rename": "not_authorized",
        "agents.sessions.setStatus": "channel_not_found",
        "apps.connections.open": "forbidden_team insecure_request missing_args",
        "assistant.threads.setStatus": "channel_not_found invalid_thread_ts reserved_username",
        "assistant.threads.setSuggestedPrompts": "channel_not_found invalid_thread_ts message_not_found",
        "assistant.threads.setTitle": "channel_not_found invalid_thread_ts",
        "auth.revoke": "not_bearer_token",
        "auth.test": "",
        "blocks.validate": "invalid_blocks invalid_message invalid_view",
        "bots.info": "bot_not_found bots_not_found missing_argument team_not_found",
        "chat.appendStream": f"""{_STREAMING} as_user_not_supported message_not_found message_not_in_streaming_state
            message_not_owned_by_app messaging_processing_failed stopped_by_user too_many_attachments
            too_many_contact_cards""",
        "chat.delete": "cant_delete_message channel_not_found message_not_found",
        "chat.getPermalink": "channel_not_found message_not_found",
        "chat.postEphemeral": """cannot_reply_to_message channel_not_found invalid_attachments invalid_blocks
            invalid_blocks_format is_archived markdown_text_conflict message_limit_exceeded messages_tab_disabled
            msg_too_long no_text not_in_channel restricted_action too_many_attachments user_not_in_channel""",
        "chat.postMessage": f"""{_POSTING} as_user_not_supported attachment_payload_limit_exceeded
            cannot_reply_to_message draft_already_deleted draft_already_sent draft_has_conflict draft_not_found
            invalid_blocks invalid_blocks_format markdown_text_conflict missing_file_data msg_blocks_too_long
            too_many_attachments too_many_contact_cards""",
        "chat.startStream": f"""{_STREAMING} invalid_blocks_format messaging_processing_failed
            missing_recipient_team_id missing_recipient_user_id user_not_found""",
        "chat.stopStream": f"""{_STREAMING} as_user_not_supported attachment_payload_limit_exceeded
            cannot_reply_to_message message_not_found message_not_in_streaming_state message_not_owned_by_app
            missing_file_data too_many_attachments too_many_contact_cards""",
        "chat.update": """as_user_not_supported block_mismatch blocked_file_type cant_broadcast_message
            cant_update_message channel_not_found edit_window_closed external_channel_migrating file_deleted
            file_is_deleted file_not_found file_share_limit_reached invalid_attachments invalid_blocks
            invalid_blocks_format invalid_metadata_format invalid_metadata_schema is_inactive markdown_text_conflict
            max_file_sharing_exceeded message_limit_exceeded message_not_found metadata_must_be_sent_from_app
            metadata_too_large msg_too_long no_dual_broadcast_content_update no_text posting_to_channel_denied
            slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked slack_connect_clip_sharing_blocked
            slack_connect_file_link_sharing_blocked slack_connect_file_upload_sharing_blocked
            streaming_state_conflict team_not_found too_many_attachments unable_to_share_files update_failed""",
        "conversations.history": """channel_is_limited_access channel_not_found invalid_cursor
            invalid_metadata_filter_keys invalid_ts_latest invalid_ts_oldest not_in_channel""",
        "conversations.info": "channel_is_limited_access channel_not_found",
        "conversations.members": """channel_not_found fetch_members_failed invalid_cursor invalid_limit
            method_not_supported_for_channel_type""",
        "conversations.open": """channel_not_found invalid_user_combination method_not_supported_for_channel_type
            not_enough_users too_many_users user_disabled user_not_found user_not_visible users_list_not_supplied""",
        "conversations.replies": """channel_not_found invalid_cursor invalid_metadata_filter_keys invalid_ts_latest
            invalid_ts_oldest list_record_comment_fetch_failed method_not_supported_for_channel_type
            thread_not_found""",
        "files.completeUploadExternal": """channel_not_found channels_limit_exceeded file_not_found
            file_type_not_allowed file_update_failed file_uploads_except_images_disabled invalid_blocks
            invalid_channel not_in_channel posting_to_channel_denied""",
        "files.getUploadURLExternal": """alt_txt_too_large file_type_not_allowed file_upload_size_restricted
            file_uploads_disabled file_uploads_except_images_disabled missing_argument snippet_too_large
            storage_limit_reached unknown_snippet_type unknown_subtype""",
        "files.info": """canvas_disabled_file_team canvas_disabled_user_team canvas_globally_disabled file_deleted
            file_not_found not_visible slack_connect_canvas_sharing_blocked template_not_visible""",
        "oauth.v2.access": """bad_client_secret bad_redirect_uri cannot_install_an_org_installed_app
            invalid_client_id invalid_code invalid_code_verifier invalid_grant_type invalid_refresh_token no_scopes
            oauth_authorization_url_mismatch pkce_not_allowed preview_feature_not_available user_email_unverified""",
        "reactions.add": """already_reacted bad_timestamp channel_not_found external_channel_migrating invalid_name
            is_archived message_not_found no_access no_item_specified not_reactable thread_locked too_many_emoji
            too_many_reactions""",
        "reactions.remove": """bad_timestamp channel_not_found external_channel_migrating file_comment_not_found
            file_not_found invalid_name message_not_found no_access no_item_specified no_reaction thread_locked""",
        "team.info": """enterprise_not_found fail_to_get_teams_for_restricted_user missing_user org_not_found
            team_not_found team_not_on_enterprise user_not_found""",
        "users.info": "too_many_users user_not_found user_not_visible",
        "users.list": "",
        "views.open": f"{_VIEWS} {_TRIGGER}",
        "views.publish": f"{_VIEWS} hash_conflict missing_profile_id not_enabled not_implemented",
        "views.push": f"{_VIEWS} {_TRIGGER} not_found push_limit_reached",
        "views.update": f"{_VIEWS} hash_conflict not_found",
    }.items()
}

OBSERVED: dict[str, dict[str, str]] = {
    "chat.postMessage": {"msg_too_long": "seratch/ChatGPT-in-Slack#102"},
    "chat.appendStream": {"msg_too_long": "CopilotKit/CopilotKit#6063"},
    "chat.startStream": {"msg_too_long": "CopilotKit/CopilotKit#6063"},
    "chat.stopStream": {"msg_too_long": "CopilotKit/CopilotKit#6063"},
    "conversations.replies": {"not_in_channel": "bots that are no member of a public channel; history documents it"},
    "agents.sessions.setStatus": {
        "invalid_thread_ts": "a guess, after assistant.threads.setStatus",
        "not_authorized": "a guess, after agents.sessions.rename",
        "user_not_found": "a guess: the initiator must be a member of the channel",
    },
    "agents.sessions.rename": {"invalid_thread_ts": "a guess, after assistant.threads.setStatus"},
}
"""Names that the fake uses though the method's page does not list them, and why."""
