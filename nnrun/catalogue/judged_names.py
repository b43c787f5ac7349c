"""The names of Keras that a config may use: each was read once, and neither writes, opens nor runs what it is given.

A name that is neither here nor refused with a reason is refused without one: a test names those of a new Keras.
"""

from __future__ import annotations

from collections.abc import Mapping

_NAMES = {
    "layers": """
        Activation ActivityRegularization AdaptiveAveragePooling1D AdaptiveAveragePooling2D
        AdaptiveAveragePooling3D AdaptiveMaxPooling1D AdaptiveMaxPooling2D AdaptiveMaxPooling3D Add
        AdditiveAttention AlphaDropout Attention AugMix AutoContrast Average AveragePooling1D AveragePooling2D
        AveragePooling3D BatchNormalization Bidirectional CategoryEncoding CenterCrop Concatenate
        ContrastLimitedAdaptiveHistogramEqualization Conv1D Conv1DTranspose Conv2D Conv2DTranspose Conv3D
        Conv3DTranspose ConvLSTM1D ConvLSTM2D ConvLSTM3D Cropping1D Cropping2D Cropping3D CutMix Dense
        DepthwiseConv1D DepthwiseConv2D Discretization Dot Dropout ELU EinsumDense Embedding Equalization
        Flatten GRU GRUCell GaussianDropout GaussianNoise GlobalAveragePooling1D GlobalAveragePooling2D
        GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D GlobalMaxPooling3D GroupNormalization
        GroupQueryAttention HashedCrossing Hashing Identity IntegerLookup LSTM LSTMCell
        LayerNormalization LeakyReLU Masking MaxNumBoundingBoxes MaxPooling1D MaxPooling2D MaxPooling3D Maximum
        MelSpectrogram Minimum MixUp MultiHeadAttention Multiply Normalization PReLU Permute Pipeline
        RMSNormalization RNN RandAugment RandomBrightness RandomColorDegeneration RandomColorJitter
        RandomContrast RandomCrop RandomElasticTransform RandomErasing RandomFlip RandomGaussianBlur
        RandomGrayscale RandomHue RandomInvert RandomPerspective RandomPosterization RandomRotation
        RandomSaturation RandomSharpness RandomShear RandomTranslation RandomZoom ReLU RepeatVector Rescaling
        Reshape Resizing ReversibleEmbedding STFTSpectrogram SeparableConv1D SeparableConv2D SimpleRNN
        SimpleRNNCell Softmax Solarization SpatialDropout1D SpatialDropout2D SpatialDropout3D
        SpectralNormalization StackedRNNCells StringLookup Subtract TextVectorization TimeDistributed
        UnitNormalization UpSampling1D UpSampling2D UpSampling3D ZeroPadding1D ZeroPadding2D ZeroPadding3D
    """,
    "optimizers": """
        Adadelta Adafactor Adagrad Adam AdamW Adamax Ftrl Lamb Lion Muon Nadam RMSprop SGD ScheduleFreeAdamW
    """,
    "schedules": """
        CosineDecay CosineDecayRestarts ExponentialDecay InverseTimeDecay PiecewiseConstantDecay PolynomialDecay
    """,
    "losses": """
        BinaryCrossentropy BinaryFocalCrossentropy CTC CategoricalCrossentropy CategoricalFocalCrossentropy
        CategoricalGeneralizedCrossEntropy CategoricalHinge Circle CosineSimilarity Dice Hinge Huber
        KLDivergence LogCosh MeanAbsoluteError MeanAbsolutePercentageError MeanSquaredError
        MeanSquaredLogarithmicError Poisson SparseCategoricalCrossentropy SquaredHinge Tversky crossentropy
    """,
    "metrics": """
        AUC Accuracy BinaryAccuracy BinaryCrossentropy BinaryIoU CategoricalAccuracy CategoricalCrossentropy
        CategoricalHinge ConcordanceCorrelation CosineSimilarity F1Score FBetaScore FalseNegatives
        FalsePositives Hinge IoU KLDivergence LogCoshError MeanAbsoluteError MeanAbsolutePercentageError MeanIoU
        MeanSquaredError MeanSquaredLogarithmicError OneHotIoU OneHotMeanIoU PearsonCorrelation Poisson
        Precision PrecisionAtRecall R2Score Recall RecallAtPrecision RootMeanSquaredError
        SensitivityAtSpecificity SparseCategoricalAccuracy SparseCategoricalCrossentropy
        SparseTopKCategoricalAccuracy SpecificityAtSensitivity SquaredHinge TopKCategoricalAccuracy
        TrueNegatives TruePositives accuracy
    """,
    "callbacks": """
        EarlyStopping ReduceLROnPlateau SwapEMAWeights TerminateOnNaN
    """,
    "initializers": """
        Constant GlorotNormal GlorotUniform HeNormal HeUniform Identity LecunNormal LecunUniform Ones Orthogonal
        RandomNormal RandomUniform STFT TruncatedNormal VarianceScaling Zeros
    """,
    "regularizers": """
        L1 L1L2 L2 OrthogonalRegularizer
    """,
    "constraints": """
        MaxNorm MinMaxNorm NonNeg UnitNorm
    """,
    "activations": """
        celu elu exponential gelu hard_shrink hard_sigmoid hard_silu hard_tanh leaky_relu linear log_sigmoid
        log_softmax mish relu relu6 selu sigmoid silu soft_shrink softmax softplus softsign sparse_plus
        sparse_sigmoid sparsemax squareplus tanh tanh_shrink
    """,
    "applications": """
        ConvNeXtBase ConvNeXtLarge ConvNeXtSmall ConvNeXtTiny ConvNeXtXLarge DenseNet121 DenseNet169 DenseNet201
        EfficientNetB0 EfficientNetB1 EfficientNetB2 EfficientNetB3 EfficientNetB4 EfficientNetB5 EfficientNetB6
        EfficientNetB7 EfficientNetV2B0 EfficientNetV2B1 EfficientNetV2B2 EfficientNetV2B3 EfficientNetV2L
        EfficientNetV2M EfficientNetV2S InceptionResNetV2 InceptionV3 MobileNet MobileNetV2 MobileNetV3Large
        MobileNetV3Small NASNetLarge NASNetMobile ResNet101 ResNet101V2 ResNet152 ResNet152V2 ResNet50
        ResNet50V2 VGG16 VGG19 Xception
    """,
    "ops": """
        abs absolute adaptive_average_pool adaptive_max_pool add all amax amin angle any append arccos arccosh
        arcsin arcsinh arctan arctan2 arctanh argmax argmin argpartition argsort array_split average
        average_pool batch_normalization binary_crossentropy bincount bitwise_and bitwise_invert
        bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor cast categorical_crossentropy
        cbrt cdist ceil celu cholesky cholesky_inverse clip concatenate conj conjugate conv conv_transpose copy
        cos cosh count_nonzero cross ctc_loss cumprod cumsum deg2rad depth_to_space depthwise_conv det diagonal
        diff digitize divide divide_no_nan dot dot_product_attention dsplit dstack eig eigh einsum elu
        empty_like equal erf erfc erfinv exp exp2 expand_dims expm1 extract_sequences fabs fft fft2 flip fliplr
        flipud floor floor_divide fmax fmin fmod fold full_like gcd gelu geomspace glu greater greater_equal
        hard_shrink hard_sigmoid hard_silu hard_tanh heaviside hsplit hstack hypot i0 ifft2 imag
        image.affine_transform image.crop_images image.elastic_transform image.extract_patches
        image.extract_patches_3d image.gaussian_blur image.hsv_to_rgb image.pad_images
        image.perspective_transform image.resize image.rgb_to_grayscale image.rgb_to_hsv
        image.scale_and_translate image.sobel_edges image.ssim in_top_k inner inv irfft isclose isfinite isin
        isinf isnan isneginf isposinf isreal istft kron layer_normalization lcm ldexp leaky_relu left_shift less
        less_equal linspace log log10 log1p log2 log_sigmoid log_softmax logaddexp logaddexp2 logdet logical_and
        logical_not logical_or logical_xor logspace logsumexp matmul matrix_rank max max_pool
        maximum mean median min minimum mod moments moveaxis multi_hot multiply nan_to_num nanargmax nanargmin
        nancumprod nancumsum nanmax nanmean nanmedian nanmin nanpercentile nanprod nanquantile nanstd nansum
        nanvar negative nextafter norm normalize not_equal one_hot ones_like pad percentile pinv polar power
        prod ptp qr quantile rad2deg real rearrange reciprocal relu relu6 repeat reshape rfft right_shift
        rms_normalization roll rot90 round rsqrt saturate_cast scatter_update searchsorted select selu
        separable_conv sigmoid sign signbit silu sin sinc sinh slice slice_update slogdet soft_shrink softmax
        softplus softsign solve solve_triangular sort space_to_depth sparse_categorical_crossentropy sparse_plus
        sparse_sigmoid sparsemax split sqrt square squareplus squeeze stack std stft stop_gradient subtract sum
        svd swapaxes take take_along_axis tan tanh tanh_shrink tensordot threshold tile top_k trace transpose
        trapezoid tril triu true_divide trunc unfold unravel_index unstack var view view_as_complex view_as_real
        where zeros_like
    """,
    "dtype_policies": """
        bfloat16 bool complex128 complex64 float16 float32 float64 int16 int32 int64 mixed_bfloat16 mixed_float16
        string uint16 uint32 uint64 uint8
    """,
    "distillation": """
        Distiller FeatureDistillation LogitsDistillation
    """,
}

JUDGED: Mapping[str, frozenset[str]] = {
    slot: frozenset(f"ops.{name}" if slot == "ops" else name for name in names.split())
    for slot, names in _NAMES.items()
}
