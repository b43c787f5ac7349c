"""The parameters of Keras that a config may give: numbers, switches, words, and lists of them.

Each was read in the supported Keras: it is neither opened as a path, nor fetched, nor called. Arguments that
take a spec are not listed; `slot_of` knows them.
"""

from __future__ import annotations

from collections.abc import Mapping

_WORDS = {
    "layers": """
        activation addition_factor all_ops alpha antialias attention_axes axes axis bias_axes bin_boundaries
        bins brightness_factor center chain_depth clip_limit contrast_factor crop_to_aspect_ratio cropping
        data_format depth_multiplier dilation_rate dims dropout dtype encoding epsilon equation expand_dims
        factor fft_length fill_mode fill_value filters flash_attention frame_length frame_step go_backwards
        gptq_unpacked_column_size groups head_dim height height_factor hue_factor idf_weights input_dim
        interpolation invert keepdims kernel_size key_dim l1 l2 logit_soft_cap lora_alpha lora_rank mag_exp
        mask_token mask_value mask_zero max_freq max_number max_tokens max_value mean merge_mode min_freq
        min_power mode momentum n name negative_slope ngrams noise_shape normalize num_bins num_chains
        num_heads num_key_value_heads num_mel_bins num_oov_indices num_ops num_query_heads num_tokens offset
        oov_method oov_token output_dim output_mode output_padding output_sequence_length output_shape
        output_size pad_to_aspect_ratio pad_to_max_tokens padding periodic pool_size power_iterations
        power_to_db ragged rate recurrent_dropout ref_power renorm renorm_clipping renorm_momentum
        reset_after return_attention_scores return_sequences return_state reverse reverse_dtype salt
        sampling_rate saturation_factor scale scaling score_mode seed sequence_length sequence_stride
        shared_axes sigma size sliding_window sparse split standardize stateful stddev strides synchronized
        target_shape threshold threshold_factor tie_weights tile_grid_size top_db trainable unit_forget_bias
        units unroll use_bias use_causal_mask use_cudnn use_gate use_scale value_dim value_range variance
        vocabulary vocabulary_dtype width width_factor window x_factor y_factor zero_output_for_mask
    """,
    "optimizers": """
        adam_beta_1 adam_beta_2 adam_lr_ratio adam_weight_decay amsgrad beta beta_1 beta_2 beta_2_decay
        centered clip_threshold clipnorm clipvalue ema_momentum ema_overwrite_frequency epsilon epsilon_1
        epsilon_2 exclude_embeddings exclude_layers global_clipnorm gradient_accumulation_steps
        initial_accumulator_value l1_regularization_strength l2_regularization_strength
        l2_shrinkage_regularization_strength learning_rate_power loss_scale_factor momentum muon_a muon_b
        muon_c name nesterov ns_steps relative_step rho rms_rate use_ema warmup_steps weight_decay
    """,
    "schedules": """
        alpha boundaries cycle decay_rate decay_steps end_learning_rate first_decay_steps
        initial_learning_rate m_mul name power staircase t_mul values warmup_steps warmup_target
    """,
    "losses": """
        alpha apply_class_balancing axis beta delta dtype from_logits gamma ignore_class label_smoothing
        margin name q reduction remove_diagonal
    """,
    "metrics": """
        average axis beta class_aggregation class_id curve dtype from_logits from_sorted_ids ignore_class k
        label_smoothing label_weights multi_label name num_classes num_labels num_regressors num_thresholds
        precision recall sensitivity sparse_y_pred sparse_y_true specificity summation_method
        target_class_ids threshold thresholds top_k
    """,
    "callbacks": """
        baseline cooldown factor min_delta min_lr mode monitor patience raise_error restore_best_weights
        start_from_epoch swap_on_epoch verbose
    """,
    "initializers": """
        distribution gain input_axes maxval mean minval mode output_axes periodic scale scaling seed side
        stddev value window
    """,
    "regularizers": """
        factor l1 l2 mode
    """,
    "constraints": """
        axis max_value min_value rate
    """,
    "activations": """
        alpha approximate axis b max_value negative_slope threshold
    """,
    "applications": """
        alpha classes depth_multiplier dropout dropout_rate include_preprocessing include_top minimalistic name
        pooling weights
    """,
    "ops": """
        a abs_ alpha angle antialias approximate array assume_unique atol attn_logits_soft_cap axes axis axis1
        axis2 axisa axisb axisc b base beta bias bins block_size bottom_cropping bottom_padding center
        choicelist compute_uv condition condlist constant_values crop_to_aspect_ratio data_format decimals
        default default_value depthwise_kernel destination dilation dilation_rate dtype dx end_points endpoint
        epsilon equal_nan fft_length fill_mode fill_value filter_sigma filter_size flash_attention from_logits
        full_matrices gamma image1 image2 images indices indices_or_sections initial inputs interpolation invert
        is_causal k k1 k2 keepdims kernel kernel_size key kth left_cropping left_padding length lower mask
        mask_index max_val mean method minlength mode n nan negative_slope neginf newshape num num_classes
        offset ord order output output_length output_padding output_shape output_size pad_to_aspect_ratio
        pad_width padding pattern pointwise_kernel pool_size posinf predictions q query rcond reduction repeats
        retstep right_cropping right_padding rtol scale seed sequence_length sequence_stride shape shift side
        sigma size sorted sorted_sequence source sparse spatial_dims start start_indices start_points stop
        stride strides subscripts synchronized target target_height target_length target_width targets tensor
        threshold tol top_cropping top_padding transform translation updates upper value values variable
        variance volumes weights window x x1 x2 x_max x_min xs y
    """,
    "distillation": """
        distillation_loss_weights name student_layer_name student_loss_weight teacher_layer_name temperature
    """,
}

PLAIN: Mapping[str, frozenset[str]] = {slot: frozenset(words.split()) for slot, words in _WORDS.items()}
